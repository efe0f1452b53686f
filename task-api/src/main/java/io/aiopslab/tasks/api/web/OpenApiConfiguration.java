package io.aiopslab.tasks.api.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.List;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Title, and the problems that every call may answer with. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
  private static final String PROBLEM_JSON = "application/problem+json";

  static {
    SpringDocUtils.getConfig()
        .replaceWithSchema(ObjectNode.class, new ObjectSchema().additionalProperties(true))
        .replaceWithSchema(
            JsonNode.class, new Schema<Object>().description("Any JSON value, of whatever type"));
  }

  @Bean
  OpenAPI description(ObjectProvider<BuildProperties> build) {
    BuildProperties known = build.getIfAvailable();
    return new OpenAPI()
        .info(
            new Info()
                .title("AIOpsLab task execution service")
                .version(known == null ? "development" : known.getVersion())
                .description(
                    "Submit agent runs on AIOpsLab problems, follow them, and read their results."
                        + " JSON in snake_case, times in RFC 3339 UTC; errors are RFC 9457"
                        + " problems.")
                .license(new License().name("Apache-2.0")));
  }

  /** Names as the REST API writes them; a copy, because the original writes the document itself. */
  @Bean
  ModelResolver snakeCaseModels(ObjectMapperProvider mappers) {
    ObjectMapper mapper =
        mappers.jsonMapper().copy().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    return new ModelResolver(mapper).openapi31(mappers.isOpenapi31());
  }

  @Bean
  OpenApiCustomizer problems() {
    return api -> {
      if (api.getComponents() == null) {
        api.setComponents(new Components());
      }
      ModelConverters.getInstance(true)
          .readAll(Problem.class)
          .forEach(api.getComponents()::addSchemas);
      api.getPaths()
          .forEach(
              (path, item) -> {
                if (path.startsWith("/api/v1")) {
                  item.readOperations().forEach(operation -> addProblems(path, operation));
                }
              });
    };
  }

  private static void addProblems(String path, Operation operation) {
    add(operation, "400", "Something in the request is wrong; details names it");
    add(
        operation,
        "403",
        "A page of another site asks for it, or the Host is none of this service's names");
    if (path.contains("{") || path.endsWith("/heartbeat")) {
      add(operation, "404", "There is nothing of that id");
    }
    for (String status : List.of("409", "410")) {
      ApiResponse refusal = operation.getResponses().get(status);
      if (refusal != null && !showsAProblem(refusal)) {
        add(operation, status, refusal.getDescription());
      }
    }
    if (operation.getRequestBody() != null) {
      add(operation, "415", "The body is not application/json");
      add(operation, "408", "The body did not come in time");
    }
    if (hasParameter(operation, "created_after")) {
      add(
          operation,
          "422",
          "query_too_slow: too many tasks to look at; details says what to narrow");
    }
    add(operation, "413", "The body is too large");
    add(operation, "406", "Accept allows nothing that this call answers with");
    add(operation, "414", "Path and parameters are too long");
    add(operation, "431", "The headers are too large");
    add(operation, "500", "A defect of the service");
    add(operation, "503", "Too many requests, or no database; Retry-After says when to try again");
  }

  private static boolean hasParameter(Operation operation, String name) {
    return operation.getParameters() != null
        && operation.getParameters().stream().anyMatch(one -> name.equals(one.getName()));
  }

  private static boolean showsAProblem(ApiResponse response) {
    Content content = response.getContent();
    return content != null && content.containsKey(PROBLEM_JSON);
  }

  private static void add(Operation operation, String status, String description) {
    Schema<?> schema = new Schema<>().$ref("#/components/schemas/Problem");
    operation
        .getResponses()
        .addApiResponse(
            status,
            new ApiResponse()
                .description(description)
                .content(new Content().addMediaType(PROBLEM_JSON, new MediaType().schema(schema))));
  }
}

package io.aiopslab.tasks.api.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * What a request may leave out may also be null in it, and means the same; what a list may hold
 * only once for the reader's sake may be there twice.
 */
@Component
@Order(0)
class OptionalFields implements GlobalOpenApiCustomizer {
  @Override
  @SuppressWarnings("rawtypes")
  public void customise(OpenAPI api) {
    Map<String, Schema> schemas = api.getComponents().getSchemas();
    Set<Schema<?>> seen = new HashSet<>();
    api.getPaths().values().stream()
        .flatMap(path -> path.readOperations().stream())
        .map(OptionalFields::body)
        .filter(Objects::nonNull)
        .forEach(schema -> visit(schema, schemas, seen));
  }

  private static @Nullable Schema<?> body(Operation operation) {
    Content content =
        operation.getRequestBody() == null ? null : operation.getRequestBody().getContent();
    MediaType json = content == null ? null : content.get("application/json");
    return json == null ? null : json.getSchema();
  }

  @SuppressWarnings("rawtypes")
  private static void visit(
      @Nullable Schema<?> schema, Map<String, Schema> schemas, Set<Schema<?>> seen) {
    Schema<?> named = schema;
    if (schema != null && schema.get$ref() != null) {
      named = schemas.get(schema.get$ref().replaceFirst(".*/", ""));
    }
    if (named == null || !seen.add(named)) {
      return;
    }
    named.setUniqueItems(null);
    visit(named.getItems(), schemas, seen);
    List<String> required = named.getRequired() == null ? List.of() : named.getRequired();
    Map<String, Schema> members = named.getProperties() == null ? Map.of() : named.getProperties();
    members.forEach(
        (name, member) -> {
          visit(member, schemas, seen);
          if (!required.contains(name)) {
            orNull(member);
          }
        });
  }

  private static void orNull(Schema<?> member) {
    if (member.get$ref() == null && (member.getType() != null || member.getTypes() != null)) {
      if (member.getTypes() == null) {
        member.addType(member.getType());
      }
      member.addType("null");
    }
  }
}

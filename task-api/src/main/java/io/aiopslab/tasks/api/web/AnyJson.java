package io.aiopslab.tasks.api.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import java.util.Map;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Any JSON value has no type: an object of which nothing is described is one of those. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class AnyJson implements GlobalOpenApiCustomizer {
  @Override
  public void customise(OpenAPI api) {
    api.getComponents().getSchemas().values().forEach(AnyJson::visit);
  }

  @SuppressWarnings("rawtypes")
  private static void visit(Schema<?> schema) {
    Map<String, Schema> members = schema.getProperties();
    if (members != null) {
      for (Schema<?> member : members.values()) {
        if (isAnything(member)) {
          member.setType(null);
          member.setTypes(null);
        }
        visit(member);
      }
    }
    if (schema.getItems() != null) {
      visit(schema.getItems());
    }
  }

  private static boolean isAnything(Schema<?> schema) {
    boolean isObject =
        "object".equals(schema.getType())
            || (schema.getTypes() != null && schema.getTypes().contains("object"));
    return isObject && schema.getProperties() == null && schema.getAdditionalProperties() == null;
  }
}

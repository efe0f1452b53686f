package io.aiopslab.tasks.api.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** A type of null does not help where the enumeration has no null. */
@Component
@Order
class NullableEnums implements GlobalOpenApiCustomizer {
  @Override
  public void customise(OpenAPI api) {
    for (Schema<?> schema : api.getComponents().getSchemas().values()) {
      @SuppressWarnings("rawtypes")
      Map<String, Schema> members = schema.getProperties();
      if (members != null) {
        for (Schema<?> member : members.values()) {
          complete(member);
        }
      }
    }
  }

  private static <T> void complete(Schema<T> member) {
    List<T> values = member.getEnum();
    boolean mayBeNull = member.getTypes() != null && member.getTypes().contains("null");
    if (mayBeNull && values != null && !values.contains(null)) {
      List<@Nullable T> all = new ArrayList<>(values);
      all.add(null);
      setEnum(member, all);
    }
  }

  @SuppressWarnings("NullAway") // Swagger's models know nothing of null.
  private static <T> void setEnum(Schema<T> member, List<@Nullable T> values) {
    member.setEnum(values);
  }
}

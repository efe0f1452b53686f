package io.aiopslab.tasks.api.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.SpecVersion;
import io.swagger.v3.oas.models.media.Schema;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.stereotype.Component;

/** Says which members of the shared records may be null: these know nothing of OpenAPI. */
@Component
class NullableMembers implements GlobalOpenApiCustomizer {
  private static final List<String> OF_WORKER =
      List.of("status_reason", "current_task_id", "paused_at", "draining_at", "reason");
  private static final Map<String, List<String>> MEMBERS =
      Map.ofEntries(
          Map.entry("Task", List.of("result")),
          Map.entry("SubmittedTask", List.of("result")),
          Map.entry("SupportedProblem", List.of("task_type", "application", "level")),
          Map.entry(
              "TaskResult",
              List.of("environment", "success", "reward", "output", "attestation", "stop_reason")),
          Map.entry("TaskCallback", List.of("last_attempt")),
          Map.entry("CallbackReport", List.of("last_attempt")),
          Map.entry("CallbackAttempt", List.of("status", "error_kind", "error")),
          Map.entry("LogLine", List.of("context")),
          Map.entry("RegisteredWorker", OF_WORKER),
          Map.entry("Worker", OF_WORKER),
          Map.entry(
              "WorkerHistory",
              List.of("success_rate", "solved_rate", "mean_reward", "run_seconds", "busy_share")),
          Map.entry("Backend", List.of("oldest_wait_seconds")),
          Map.entry("Step", List.of("model_ms", "environment_ms", "tokens", "logprobs", "model")),
          Map.entry("Session", List.of("observation")),
          Map.entry("SubmittedSession", List.of("observation")));

  @Override
  public void customise(OpenAPI api) {
    MEMBERS.forEach(
        (name, members) -> {
          Schema<?> schema = api.getComponents().getSchemas().get(name);
          if (schema != null) {
            members.forEach(
                member -> schema.getProperties().computeIfPresent(member, this::orNull));
          }
        });
  }

  private Schema<?> orNull(String name, Schema<?> schema) {
    boolean takesAnything = schema.get$ref() == null && schema.getTypes() == null;
    if (takesAnything) {
      return schema;
    }
    if (schema.get$ref() == null) {
      schema.addType("null");
      return schema;
    }
    Schema<Object> nothing = new Schema<>(SpecVersion.V31);
    nothing.addType("null");
    Schema<Object> either = new Schema<>(SpecVersion.V31);
    either.addAnyOfItem(new Schema<>(SpecVersion.V31).$ref(schema.get$ref()));
    either.addAnyOfItem(nothing);
    either.setDescription(schema.getDescription());
    return either;
  }
}

package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.Worker;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Pattern;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Who wants to work, and on what. */
@StrictBody
@Schema(name = "RegisterWorker")
record RegisterRequest(
    @Schema(description = "Name of the worker; worker_id is the same", example = "py-worker-1")
        @Pattern(regexp = TaskSpec.LABEL_PATTERN, message = LABEL)
        @Nullable String id,
    @Schema(description = "Instead of id", example = "py-worker-1")
        @Pattern(regexp = TaskSpec.LABEL_PATTERN, message = LABEL)
        @Nullable String workerId,
    @Schema(description = "Whose tasks it takes", defaultValue = "default")
        @Pattern(regexp = TaskSpec.LABEL_PATTERN, message = LABEL)
        @Nullable String backendType,
    @Schema(
            description =
                "Made anew at each start of the worker, so that a repeated registration is told"
                    + " from a rival; left out, the service makes one")
        @Nullable UUID incarnation,
    @Schema(
            description =
                "max_parallel_tasks (1 to 1000, default 1), supported_problems (ids: it gets no"
                    + " others; left out or empty, it takes all), and whatever else is worth"
                    + " showing",
            example = "{\"max_parallel_tasks\": 1}")
        @Nullable ObjectNode capabilities,
    @Schema(description = "Shown with the worker", example = "{\"host\": \"gpu-7\"}")
        @Nullable ObjectNode metadata) {
  static final String LABEL =
      "must be a DNS-1123 label: up to 63 of a-z, 0-9 and -, beginning and ending with a letter or"
          + " digit";
  private static final String PARALLEL = "max_parallel_tasks";
  private static final String PROBLEMS = "supported_problems";
  private static final int MOST_PROBLEMS = 5000;

  /**
   * @throws Refusal if it has no name, two names, or capabilities of the wrong kind
   */
  Worker toWorker() {
    if (id == null && workerId == null) {
      throw wrong("worker_id", "required", "is required");
    }
    if (id != null && workerId != null && !id.equals(workerId)) {
      throw wrong("worker_id", "conflict", "is not the same as id; give one of the two");
    }
    return new Worker(
        id != null ? id : Objects.requireNonNull(workerId),
        Objects.requireNonNullElse(backendType, TaskSpec.DEFAULT_BACKEND_TYPE),
        incarnation != null ? incarnation : UUID.randomUUID(),
        checkedCapabilities(),
        metadata != null ? metadata : Json.mapper().createObjectNode());
  }

  private ObjectNode checkedCapabilities() {
    ObjectNode checked =
        capabilities != null ? capabilities.deepCopy() : Json.mapper().createObjectNode();
    JsonNode parallel = checked.get(PARALLEL);
    if (parallel == null || parallel.isNull()) {
      checked.put(PARALLEL, 1);
    } else if (!parallel.isInt() || parallel.intValue() < 1 || parallel.intValue() > 1000) {
      throw wrong("capabilities." + PARALLEL, "range", "must be an integer from 1 to 1000");
    }
    JsonNode problems = checked.get(PROBLEMS);
    if (problems == null || problems.isNull()) {
      checked.remove(PROBLEMS);
    } else if (!areIds(problems)) {
      throw wrong(
          "capabilities." + PROBLEMS,
          "type",
          "must be an array of at most " + MOST_PROBLEMS + " ids of 1 to 200 characters");
    }
    return checked;
  }

  private static boolean areIds(JsonNode problems) {
    return problems.isArray()
        && problems.size() <= MOST_PROBLEMS
        && problems
            .valueStream()
            .allMatch(
                item ->
                    item.isString()
                        && !item.stringValue().isBlank()
                        && item.stringValue().length() <= 200);
  }

  private static Refusal wrong(String field, String rule, String message) {
    return Refusal.badRequest(
        "invalid_body",
        "Correct %s and register again: it %s.".formatted(field, message),
        List.of(new Problem.Detail(field, rule, message)));
  }
}

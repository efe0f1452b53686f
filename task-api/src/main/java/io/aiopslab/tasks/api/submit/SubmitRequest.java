package io.aiopslab.tasks.api.submit;

import static io.aiopslab.tasks.task.TaskSpec.DEFAULT_BACKEND_TYPE;
import static io.aiopslab.tasks.task.TaskSpec.DEFAULT_MAX_STEPS;
import static io.aiopslab.tasks.task.TaskSpec.DEFAULT_PRIORITY;
import static io.aiopslab.tasks.task.TaskSpec.DEFAULT_TIMEOUT_MINUTES;
import static io.aiopslab.tasks.task.TaskSpec.LABEL_PATTERN;
import static java.util.Objects.requireNonNullElse;
import static java.util.Objects.requireNonNullElseGet;

import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.TaskSpec;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The body of a submission, as it came: what was left out is null. */
@StrictBody(
    most = SubmitRequest.MOST_BYTES,
    ifLarger = "keep large inputs elsewhere and refer to them",
    deepest = SubmitRequest.DEEPEST,
    required = "problem_id",
    mended = false,
    code = "invalid_task",
    then = "submit the task again")
@Schema(name = "SubmitTask", description = "What an agent shall be run on, and how")
record SubmitRequest(
    @Schema(
            description = "Id of an AIOpsLab problem",
            requiredMode = Schema.RequiredMode.REQUIRED,
            example = "misconfig_app_hotel_res-detection-1")
        @NotBlank(message = "is required")
        @Size(min = 1, max = 200, message = "must have 1 to 200 characters")
        @Nullable String problemId,
    @Schema(
            description =
                "Which agent, and how it is set. Never a secret: api_key_env names the worker's"
                    + " environment variable that holds the key",
            example = "{\"agent\": \"rule_based\"}")
        @Nullable ObjectNode agentConfig,
    @Schema(description = "Agent turns", defaultValue = "30")
        @Min(value = 1, message = "must be between 1 and 1000")
        @Max(value = 1000, message = "must be between 1 and 1000")
        @Nullable Integer maxSteps,
    @Schema(description = "Counted from the start of the run", defaultValue = "30")
        @Min(value = 1, message = "must be between 1 and 180")
        @Max(value = 180, message = "must be between 1 and 180")
        @Nullable Integer timeoutMinutes,
    @Schema(
            description = "Absolute http or https URL that is told of the end",
            example = "https://trainer.example/done")
        @Size(max = 2000, message = "must have at most 2000 characters")
        @HttpUrl
        @Nullable String callbackUrl,
    @Schema(
            description = "The trainer's own; returned as it came",
            example = "{\"experiment\": \"grpo-7\"}")
        @Nullable ObjectNode metadata,
    @Schema(description = "Higher first; of equal ones, each queue in turn", defaultValue = "5")
        @Min(value = 0, message = "must be between 0 and 10")
        @Max(value = 10, message = "must be between 0 and 10")
        @Nullable Integer priority,
    @Schema(description = "Which workers may run it; a DNS-1123 label", defaultValue = "default")
        @Pattern(
            regexp = LABEL_PATTERN,
            message =
                "must be a DNS-1123 label: up to 63 of a-z, 0-9 and -, beginning and ending with a"
                    + " letter or digit")
        @Nullable String backendType,
    @Schema(
            description =
                "With whose tasks it is in line. The queues of a backend share its slots in turn,"
                    + " within a priority; tasks without one are one queue, and within a queue it is"
                    + " first come first served",
            example = "ana/grpo-7")
        @Pattern(regexp = TaskSpec.QUEUE_PATTERN, message = QUEUE_RULE)
        @Nullable String queue) {
  static final int MOST_BYTES = 256 << 10;

  /** Levels below its root. */
  static final int DEEPEST = 32;

  static final String QUEUE_RULE =
      "must be 1 to 100 of A-Z, a-z, 0-9, '.', '_', ':', '/' and '-', beginning with a letter or"
          + " digit";

  /** With the defaults for what was left out. */
  TaskSpec toSpec() {
    return new TaskSpec(
        requireNonNullElse(problemId, ""),
        requireNonNullElse(backendType, DEFAULT_BACKEND_TYPE),
        requireNonNullElse(priority, DEFAULT_PRIORITY),
        requireNonNullElse(maxSteps, DEFAULT_MAX_STEPS),
        requireNonNullElse(timeoutMinutes, DEFAULT_TIMEOUT_MINUTES),
        requireNonNullElseGet(agentConfig, Json.mapper()::createObjectNode),
        requireNonNullElseGet(metadata, Json.mapper()::createObjectNode),
        callbackUrl,
        queue);
  }
}

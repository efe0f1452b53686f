package io.aiopslab.tasks.api.submit;

import com.fasterxml.jackson.annotation.JsonProperty;
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

/** The body that opens an interactive session, as it came: what was left out is null. */
@StrictBody(
    most = SubmitRequest.MOST_BYTES,
    ifLarger = "keep large inputs elsewhere and refer to them",
    deepest = SubmitRequest.DEEPEST,
    required = "problem_id",
    mended = false,
    code = "invalid_session",
    then = "open the session again")
@Schema(name = "OpenSession", description = "Which problem the trainer wants to act on itself")
public record SessionRequest(
    @Schema(
            description = "Id of an AIOpsLab problem",
            requiredMode = Schema.RequiredMode.REQUIRED,
            example = "misconfig_app_hotel_res-detection-1")
        @NotBlank(message = "is required")
        @Size(min = 1, max = 200, message = "must have 1 to 200 characters")
        @Nullable String problemId,
    @Schema(description = "Actions, at most", defaultValue = "30")
        @Min(value = 1, message = "must be between 1 and 1000")
        @Max(value = 1000, message = "must be between 1 and 1000")
        @Nullable Integer maxSteps,
    @Schema(description = "Counted from the start of the run", defaultValue = "30")
        @Min(value = 1, message = "must be between 1 and 180")
        @Max(value = 180, message = "must be between 1 and 180")
        @Nullable Integer timeoutMinutes,
    @Schema(
            description = "A session that waits longer for its next action is closed",
            defaultValue = "600")
        @Min(value = 1, message = "must be between 1 and 10800")
        @Max(value = 10800, message = "must be between 1 and 10800")
        @Nullable Integer idleTimeoutSeconds,
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
            regexp = TaskSpec.LABEL_PATTERN,
            message =
                "must be a DNS-1123 label: up to 63 of a-z, 0-9 and -, beginning and ending with a"
                    + " letter or digit")
        @Nullable String backendType,
    @Schema(description = "With whose tasks it is in line", example = "ana/grpo-7")
        @Pattern(regexp = TaskSpec.QUEUE_PATTERN, message = SubmitRequest.QUEUE_RULE)
        @Nullable String queue,
    @Schema(
            description =
                "Of the world: the same seed gives the same observations for the same actions, where"
                    + " the environment can do that (the simulator)",
            example = "7")
        @Nullable Long seed,
    @Schema(
            name = "wait",
            description = "How long to wait until it is open: 0s, 500ms, 30s; at most 60s",
            defaultValue = "2s",
            example = "1s")
        @JsonProperty("wait")
        @Pattern(
            regexp = "[0-9]{1,6}(ms|s|m)",
            message = "must be a time such as 500ms, 30s or 1m, at most 60s")
        @Nullable String waitTime) {

  /** The task that the session is. */
  SubmitRequest toTask() {
    ObjectNode agent = Json.mapper().createObjectNode().put("agent", "external");
    if (idleTimeoutSeconds != null) {
      agent.put("idle_timeout_seconds", idleTimeoutSeconds);
    }
    if (seed != null) {
      agent.put(SampleSeeds.WORLD, seed);
    }
    return new SubmitRequest(
        problemId, agent, maxSteps, timeoutMinutes, null, metadata, priority, backendType, queue);
  }
}

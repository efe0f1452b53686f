package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.task.TaskResult;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the ends of a run have in common: the three bodies differ in what else they need. */
final class EndRequest {
  private static final String ENVIRONMENT = "http";

  private EndRequest() {}

  @StrictBody
  @Schema(name = "CompleteTask")
  record Complete(
      @NotNull(message = "is required") UUID sessionId,
      @Schema(description = "The environment's own results, any JSON") @Nullable JsonNode result,
      @Schema(description = "Whether the problem was solved") @Nullable Boolean success,
      @Schema(description = "0 to 1; left out where there is none", example = "1.0")
          @DecimalMin(value = "0", message = "must be from 0 to 1")
          @DecimalMax(value = "1", message = "must be from 0 to 1")
          @Nullable Double reward,
      @Schema(description = "What the reward was made of", example = "{\"detection\": 1.0}")
          @Nullable Map<String, @Finite Double> rewardComponents,
      @Schema(description = "Numbers of the run", example = "{\"ttd_seconds\": 12.5}")
          @Nullable Map<String, @Finite Double> metrics,
      @Schema(example = "submitted") @Size(max = 200, message = "must have at most 200 characters")
          @Nullable String stopReason,
      @Schema(description = "What ran the problem; http if left out")
          @Size(max = 200, message = "must have at most 200 characters")
          @Nullable String environment,
      @Schema(
              description =
                  "Agent turns; left out, those that were reported. One that was not reported is"
                      + " missing: the trajectory is not complete",
              example = "3")
          @Range(min = 0, max = 1_000_000, message = "must be from 0 to 1000000")
          @Nullable Integer steps,
      @Schema(
              description = "Lines that the run logged; left out, those that were reported",
              example = "12")
          @Range(min = 0, max = 1_000_000_000_000L, message = "must be from 0 to 10^12")
          @Nullable Long logLines) {

    TaskResult toResult(int turns, long lines) {
      return new TaskResult(
          Objects.requireNonNullElse(environment, ENVIRONMENT),
          success,
          reward,
          Objects.requireNonNullElse(rewardComponents, Map.of()),
          Objects.requireNonNullElse(metrics, Map.of()),
          result,
          null,
          stopReason,
          turns,
          lines);
    }
  }

  @StrictBody
  @Schema(name = "FailTask")
  record Fail(
      @NotNull(message = "is required") UUID sessionId,
      @Schema(description = "agent_error if left out") @Nullable ReportableFailure failureCode,
      @Schema(
              description = "A sentence that a person can act on",
              example = "The application did not come up within 300 s; look at its pods.")
          @NotNull(message = "is required")
          @Size(min = 1, max = 20_000, message = "must have 1 to 20000 characters")
          String errorDetails,
      @Nullable Map<String, @Finite Double> metrics,
      @Range(min = 0, max = 1_000_000, message = "must be from 0 to 1000000")
          @Nullable Integer steps,
      @Range(min = 0, max = 1_000_000_000_000L, message = "must be from 0 to 10^12")
          @Nullable Long logLines) {}

  @StrictBody
  @Schema(name = "CancelledTask")
  record Cancelled(
      @NotNull(message = "is required") UUID sessionId,
      @Range(min = 0, max = 1_000_000, message = "must be from 0 to 1000000")
          @Nullable Integer steps,
      @Range(min = 0, max = 1_000_000_000_000L, message = "must be from 0 to 10^12")
          @Nullable Long logLines) {}

  /** A result without a grade: a failure is never a reward of 0. */
  static TaskResult ungraded(
      @Nullable Map<String, Double> metrics, String stopReason, int turns, long lines) {
    return new TaskResult(
        ENVIRONMENT,
        null,
        null,
        Map.of(),
        Objects.requireNonNullElse(metrics, Map.of()),
        null,
        null,
        stopReason,
        turns,
        lines);
  }
}

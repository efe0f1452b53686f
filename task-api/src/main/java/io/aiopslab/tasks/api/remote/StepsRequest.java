package io.aiopslab.tasks.api.remote;

import io.aiopslab.tasks.api.body.StrictBody;
import io.aiopslab.tasks.task.Step;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Messages of a run's trajectory. */
@StrictBody
@Schema(name = "ReportSteps")
record StepsRequest(
    @NotNull(message = "is required") UUID sessionId,
    @NotNull(message = "is required")
        @Size(min = 1, max = 100, message = "must have 1 to 100 steps")
        List<@NotNull(message = "must not be null") @Valid Message> steps) {

  @Schema(name = "ReportedStep")
  record Message(
      @Schema(description = "Position in the trajectory, from 0 without gaps", example = "0")
          @NotNull(message = "is required")
          @Range(min = 0, max = 1_000_000, message = "must be from 0 to 1000000")
          Integer index,
      @Schema(description = "The agent's turn it belongs to; half of index if left out")
          @Range(min = 0, max = 1_000_000, message = "must be from 0 to 1000000")
          @Nullable Integer turn,
      @Schema(description = "assistant (the agent) or env", example = "assistant")
          @NotNull(message = "is required")
          @Pattern(regexp = "assistant|env", message = "must be assistant or env")
          String role,
      @Schema(example = "submit(\"yes\")") @NotNull(message = "is required") String content,
      @Nullable Double modelMs,
      @Nullable Double environmentMs,
      @Nullable JsonNode tokens,
      @Nullable JsonNode logprobs,
      @Nullable JsonNode model,
      @Schema(description = "When; left out, now") @Nullable Instant at) {

    Step toStep(Instant now) {
      return new Step(
          index,
          Objects.requireNonNullElse(turn, index / 2),
          role,
          content,
          modelMs,
          environmentMs,
          tokens,
          logprobs,
          model,
          Objects.requireNonNullElse(at, now));
    }
  }
}

package io.aiopslab.tasks.view;

import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.TaskProgress;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far a running task has come. */
@Schema(name = "TaskProgress")
public record ProgressView(
    Phase phase,
    @Schema(description = "Agent turns done", example = "4") int steps,
    @Schema(example = "30") int maxSteps,
    @Schema(description = "Numbers reported so far") Map<String, Double> metrics,
    @Schema(nullable = true, description = "By the worker's clock; null before the first event")
        @Nullable Instant lastEventAt) {

  public static ProgressView of(TaskProgress progress, int maxSteps) {
    return new ProgressView(
        progress.phase(), progress.steps(), maxSteps, progress.metrics(), progress.lastEventAt());
  }

  /** A run that has been claimed and has not said anything yet. */
  public static ProgressView silent(int maxSteps) {
    return new ProgressView(Phase.SETUP, 0, maxSteps, Map.of(), null);
  }
}

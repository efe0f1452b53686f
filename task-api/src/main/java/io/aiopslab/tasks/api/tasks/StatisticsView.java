package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.store.TaskStatistics;
import io.aiopslab.tasks.store.TaskStatistics.Figures;
import io.aiopslab.tasks.task.TaskStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Figures as clients see them; what cannot be known from no task is null. */
@Schema(name = "TaskStatistics", description = "Figures over the tasks of a span of time")
record StatisticsView(
    Instant createdAfter,
    @Schema(description = "Now, if it was not given") Instant createdBefore,
    @Schema(description = "Tasks that were submitted in the span", example = "64") long total,
    @Schema(description = "Every status, also with 0", example = "{\"pending\": 3}")
        Map<String, Long> byStatus,
    @Schema(description = "The 100 most frequent ones, most frequent first")
        Map<String, Long> byProblem,
    @Schema(description = "As by_problem; without tasks that no worker has taken")
        Map<String, Long> byWorker,
    @Schema(description = "As by_problem") Map<String, Long> byBackend,
    @Schema(description = "Tasks of which is known whether they were solved", example = "50")
        long graded,
    @Schema(description = "Those of them that were solved", example = "40") long solved,
    @Schema(nullable = true, description = "solved / graded", example = "0.8")
        @Nullable Double successRate,
    Reward reward,
    @Schema(description = "completed_at - started_at, of tasks that have ended") Times runSeconds,
    @Schema(description = "started_at - created_at, of tasks that were started")
        Times waitSeconds) {

  @Schema(name = "RewardStatistics", description = "Over the rewards that exist")
  record Reward(
      @Schema(example = "50") long count,
      @Schema(nullable = true, example = "0.75") @Nullable Double mean) {}

  @Schema(name = "TimeStatistics")
  record Times(
      @Schema(example = "50") long count,
      @Schema(nullable = true, example = "61.5") @Nullable Double p50,
      @Schema(nullable = true, example = "180.2") @Nullable Double p90,
      @Schema(nullable = true, example = "540.0") @Nullable Double p99) {

    static Times of(TaskStatistics.Times times) {
      return new Times(times.count(), times.p50(), times.p90(), times.p99());
    }
  }

  static StatisticsView of(Instant after, Instant before, Figures figures) {
    Map<String, Long> byStatus = new LinkedHashMap<>();
    for (TaskStatus status : TaskStatus.values()) {
      byStatus.put(status.wire(), figures.byStatus().getOrDefault(status, 0L));
    }
    long graded = figures.graded();
    return new StatisticsView(
        after,
        before,
        byStatus.values().stream().mapToLong(Long::longValue).sum(),
        byStatus,
        figures.byProblem(),
        figures.byWorker(),
        figures.byBackend(),
        graded,
        figures.solved(),
        graded == 0 ? null : (double) figures.solved() / graded,
        new Reward(figures.rewards(), figures.reward()),
        Times.of(figures.run()),
        Times.of(figures.waiting()));
  }
}

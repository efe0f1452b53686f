package io.aiopslab.tasks.task;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a worker has done lately.
 *
 * @param since from when on tasks are counted: the window, or a later time if the worker is younger
 *     or has ended more tasks than are looked at
 * @param complete false if it has ended more tasks in the window than are looked at: the newest
 *     count
 * @param tasks those that ended since, and those that run
 * @param successRate completed of those completed or failed; null if there were none
 * @param solvedRate solved of those that were graded; null if there were none
 * @param meanReward over the rewards that there are; null if there are none
 * @param rewards how many rewards there are
 * @param runSeconds from start to end; null if no task ended
 * @param busyShare of the time since, of all its parallel tasks: 0 to 1; null if there was no time
 * @param incarnations lives of its process, ever
 * @param restarts one less
 * @param lastFailures newest first
 */
public record WorkerHistory(
    String workerId,
    Instant since,
    boolean complete,
    Counts tasks,
    @Nullable Double successRate,
    @Nullable Double solvedRate,
    @Nullable Double meanReward,
    long rewards,
    @Nullable RunTime runSeconds,
    @Nullable Double busyShare,
    int incarnations,
    int restarts,
    List<FailedRun> lastFailures) {

  public record Counts(long completed, long failed, long cancelled, long running) {}

  /** Percentiles, in seconds. */
  public record RunTime(double p50, double p90, double p99, double max) {}

  public record FailedRun(
      UUID taskId,
      String problemId,
      FailureCode failureCode,
      String errorDetails,
      Instant completedAt) {}
}

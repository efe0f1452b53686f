package io.aiopslab.tasks.collector;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the collector works; {@code aiopslab.collector.*}.
 *
 * @param batchSize messages that are stored in one transaction, 1 to 1,000
 * @param batchWait how long a batch waits for more messages; adds to the time until a log line is
 *     visible
 * @param sweepInterval time between two looks for overdue tasks and lost workers
 * @param overdueGrace how long after its deadline a task is left to its worker, which ends the run,
 *     cleans up and reports
 * @param lostWorkerAfter how old a heartbeat may grow before its worker's task is failed
 * @param restartedWorkerSettle how long a restarted worker has to send what its former life left
 */
@ConfigurationProperties("aiopslab.collector")
public record CollectorSettings(
    int batchSize,
    Duration batchWait,
    Duration sweepInterval,
    Duration overdueGrace,
    Duration lostWorkerAfter,
    Duration restartedWorkerSettle) {

  public CollectorSettings {
    require(batchSize >= 1 && batchSize <= 1000, "batch-size must be 1 to 1000, not " + batchSize);
    require(!batchWait.isNegative(), "batch-wait must not be negative");
    require(sweepInterval.toMillis() >= 10, "sweep-interval must be 10 ms or more");
    require(!overdueGrace.isNegative(), "overdue-grace must not be negative");
    require(
        lostWorkerAfter.compareTo(sweepInterval.multipliedBy(3)) > 0,
        "lost-worker-after must be more than three times sweep-interval: shorten the interval");
  }

  private static void require(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException("aiopslab.collector." + sentence);
    }
  }
}

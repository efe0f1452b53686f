package io.aiopslab.tasks.collector;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the collector stores and sweeps; keys begin with {@code aiopslab.collector}.
 *
 * @param batchSize most messages stored in one transaction, 1 to 1000
 * @param batchWait how long a batch may wait to fill up; adds to the age of every stored event
 * @param overdueGrace how long after its deadline a run may still report; longer than a worker
 *     takes to end a run and report it
 * @param lostWorkerAfter how old the heartbeat of a worker may be before its task is failed
 * @param settle how long a restarted worker has to report what its former life left
 * @param sweepInterval how often overdue runs, lost workers and unanswered cancels are looked for
 * @param cancelGrace how long after the request of a cancel its worker may still report the end;
 *     longer than the kill grace of every cluster
 */
@ConfigurationProperties("aiopslab.collector")
public record CollectorSettings(
    @DefaultValue("250") int batchSize,
    @DefaultValue("20ms") Duration batchWait,
    @DefaultValue("150s") Duration overdueGrace,
    @DefaultValue("45s") Duration lostWorkerAfter,
    @DefaultValue("15s") Duration settle,
    @DefaultValue("5s") Duration sweepInterval,
    @DefaultValue("150s") Duration cancelGrace) {
  private static final String PREFIX = "aiopslab.collector.";

  /**
   * A worker's kill grace is 10 s (2 min on a real cluster) by default; the report has to travel.
   */
  private static final Duration LEAST_GRACE = Duration.ofSeconds(15);

  public CollectorSettings {
    require(
        batchSize >= 1 && batchSize <= 1000,
        "batch-size must be 1 to 1000, not " + batchSize + ": larger batches only hold locks");
    require(
        batchWait.toMillis() >= 1 && batchWait.compareTo(Duration.ofSeconds(1)) <= 0,
        "batch-wait must be 1ms to 1s, not " + batchWait + ": logs are to be seen within 500 ms");
    require(
        overdueGrace.compareTo(LEAST_GRACE) >= 0,
        "overdue-grace must be at least 15s, not "
            + overdueGrace
            + ": it has to exceed aiopslab.worker.kill-grace, or runs that are being ended in order"
            + " are failed from under their worker");
    require(
        cancelGrace.compareTo(LEAST_GRACE) >= 0,
        "cancel-grace must be at least 15s, not "
            + cancelGrace
            + ": it has to exceed aiopslab.worker.kill-grace, or runs that are being ended in order"
            + " are called unconfirmed");
    require(
        sweepInterval.toMillis() >= 100, "sweep-interval must be at least 100ms: " + sweepInterval);
    require(
        lostWorkerAfter.compareTo(sweepInterval.multipliedBy(4)) >= 0,
        "lost-worker-after (%s) must be at least 4 x sweep-interval (%s): an outage of 3 intervals goes unnoticed, and must not make a live worker look lost"
            .formatted(lostWorkerAfter, sweepInterval));
    require(
        settle.compareTo(lostWorkerAfter) <= 0 && !settle.isNegative(),
        "settle (%s) must be between 0s and lost-worker-after (%s): a restarted worker gets no more time than a silent one"
            .formatted(settle, lostWorkerAfter));
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(PREFIX + sentence);
    }
  }
}

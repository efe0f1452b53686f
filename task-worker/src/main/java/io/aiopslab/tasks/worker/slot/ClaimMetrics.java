package io.aiopslab.tasks.worker.slot;

import io.aiopslab.tasks.metrics.Buckets;
import io.aiopslab.tasks.metrics.QueueWait;
import io.aiopslab.tasks.worker.run.Claim;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** What claims of one backend have won, and how soon. */
final class ClaimMetrics {
  private final Counter won;
  private final Counter empty;
  private final Timer queueWait;
  private final Timer dispatch;

  ClaimMetrics(MeterRegistry meters, String backendType) {
    this.won = claims(meters, backendType, "won");
    this.empty = claims(meters, backendType, "empty");
    this.queueWait = new QueueWait(meters).of(backendType);
    this.dispatch =
        Timer.builder("aiopslab.worker.dispatch")
            .description("From the submission of a task to its claim, by a slot that had no work")
            .tag("backend", backendType)
            .serviceLevelObjectives(Buckets.latency())
            .register(meters);
  }

  private static Counter claims(MeterRegistry meters, String backendType, String outcome) {
    return Counter.builder("aiopslab.worker.claims")
        .description("Looks for work, by what came of them")
        .tag("backend", backendType)
        .tag("outcome", outcome)
        .register(meters);
  }

  /**
   * @param nothingWaited whether the look before found nothing, so that the task came to a free
   *     slot
   */
  void won(Claim claim, boolean nothingWaited) {
    won.increment();
    Duration waited = Duration.between(claim.task().createdAt(), claim.run().startedAt());
    queueWait.record(waited);
    if (nothingWaited) {
      dispatch.record(waited);
    }
  }

  void empty() {
    empty.increment();
  }
}

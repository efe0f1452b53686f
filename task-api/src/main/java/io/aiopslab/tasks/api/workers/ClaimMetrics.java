package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.metrics.QueueWait;
import io.aiopslab.tasks.task.Task;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/** Counts the claims of workers that speak HTTP. */
@Component
class ClaimMetrics {
  private static final int MOST_BACKENDS = 500;

  private final QueueWait queueWait;
  private final Counter won;
  private final Counter empty;

  ClaimMetrics(MeterRegistry meters) {
    this.queueWait = new QueueWait(meters);
    this.won = claims(meters, "won");
    this.empty = claims(meters, "empty");
  }

  /** Anybody may register a worker, for a backend of any name. */
  @Bean
  static MeterFilter boundedBackends() {
    return MeterFilter.maximumAllowableTags(
        "aiopslab.queue", "backend", MOST_BACKENDS, MeterFilter.deny());
  }

  private static Counter claims(MeterRegistry meters, String outcome) {
    return Counter.builder("aiopslab.remote.claims")
        .description("Claims of workers that speak HTTP; a repeated one counts again")
        .tag("outcome", outcome)
        .register(meters);
  }

  /**
   * @param task null if the claim won none
   */
  void count(@Nullable Task task) {
    if (task == null) {
      empty.increment();
      return;
    }
    won.increment();
    if (task.run() != null) {
      queueWait.record(task, task.run());
    }
  }
}

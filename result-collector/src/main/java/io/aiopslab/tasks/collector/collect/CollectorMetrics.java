package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.stereotype.Component;

/** Counts what has been committed; names begin with {@code aiopslab.collector}. */
@Component
class CollectorMetrics {
  private static final String PREFIX = "aiopslab.collector.";

  private final MeterRegistry meters;
  private final InstantSource clock;
  private final DistributionSummary batchSize;
  private final Timer lag;

  CollectorMetrics(MeterRegistry meters, InstantSource clock) {
    this.meters = meters;
    this.clock = clock;
    this.batchSize =
        DistributionSummary.builder(PREFIX + "batch.size")
            .description("Messages per batch")
            .register(meters);
    this.lag =
        Timer.builder(PREFIX + "lag")
            .description("From an event, by the worker's clock, until it is stored")
            .register(meters);
  }

  void received(int messages) {
    batchSize.record(messages);
  }

  void count(Tally tally) {
    tally.stored().forEach(this::stored);
    tally
        .ended()
        .values()
        .forEach(end -> increment("tasks.finished", "status", end.status().wire()));
    tally.stale().forEach(reason -> increment("stale", "reason", reason.tag()));
    meters.counter(PREFIX + "duplicates").increment(tally.duplicates());
    meters.counter(PREFIX + "quarantined").increment(tally.quarantined());
  }

  private void stored(RunEvent event) {
    increment("events.stored", "kind", event.body().kind());
    Duration age = Duration.between(event.at(), clock.instant());
    lag.record(age.isNegative() ? Duration.ZERO : age);
  }

  private void increment(String name, String tag, String value) {
    meters.counter(PREFIX + name, tag, value).increment();
  }
}

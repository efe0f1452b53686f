package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.metrics.Buckets;
import io.aiopslab.tasks.task.FailureCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/** Counts what has been committed; names begin with {@code aiopslab.collector}. */
@Component
class CollectorMetrics {
  private static final String PREFIX = "aiopslab.collector.";
  private static final double[] BATCH_SIZES = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000};
  private static final int MOST_BACKENDS = 500;

  private final MeterRegistry meters;
  private final InstantSource clock;
  private final DistributionSummary batchSize;
  private final Timer lag;
  private final Counter duplicates;
  private final Counter quarantined;

  CollectorMetrics(MeterRegistry meters, InstantSource clock) {
    this.meters = meters;
    this.clock = clock;
    this.batchSize =
        DistributionSummary.builder(PREFIX + "batch.size")
            .description("Messages per batch")
            .serviceLevelObjectives(BATCH_SIZES)
            .register(meters);
    this.lag =
        Timer.builder(PREFIX + "lag")
            .description("From an event, by the worker's clock, until it is stored")
            .serviceLevelObjectives(Buckets.latency())
            .register(meters);
    this.duplicates =
        Counter.builder(PREFIX + "duplicates")
            .description("Events that were stored before")
            .register(meters);
    this.quarantined =
        Counter.builder(PREFIX + "quarantined")
            .description("Messages put into the table dead_letters")
            .register(meters);
    for (StaleReason reason : StaleReason.values()) {
      stale(reason);
    }
  }

  /** Anybody may register a worker, for a backend of any name. */
  @Bean
  static MeterFilter boundedBackends() {
    return MeterFilter.maximumAllowableTags(
        "aiopslab.collector", "backend", MOST_BACKENDS, MeterFilter.deny());
  }

  void received(int messages) {
    batchSize.record(messages);
  }

  void count(Tally tally) {
    tally.stored().forEach(this::stored);
    tally.ended().values().forEach(this::ended);
    tally.stale().forEach(reason -> stale(reason).increment());
    duplicates.increment(tally.duplicates());
    quarantined.increment(tally.quarantined());
  }

  private void stored(RunEvent event) {
    meters.counter(PREFIX + "events.stored", "kind", event.body().kind()).increment();
    Duration age = Duration.between(event.at(), clock.instant());
    lag.record(age.isNegative() ? Duration.ZERO : age);
  }

  private void ended(Tally.Ended end) {
    String backend = end.run().backendType();
    String status = end.finished().status().wire();
    meters
        .counter(
            PREFIX + "tasks.finished",
            "backend",
            backend,
            "status",
            status,
            "failure",
            tag(end.finished().failureCode()))
        .increment();
    Timer.builder(PREFIX + "run")
        .description("From a task's claim to its end, by the database's clock")
        .tag("backend", backend)
        .tag("status", status)
        .serviceLevelObjectives(Buckets.running())
        .register(meters)
        .record(end.run().age());
  }

  private Counter stale(StaleReason reason) {
    return Counter.builder(PREFIX + "stale")
        .description("Events that were kept as evidence and not applied")
        .tag("reason", reason.tag())
        .register(meters);
  }

  private static String tag(@Nullable FailureCode failure) {
    return failure == null ? "none" : failure.wire();
  }
}

package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.metrics.Buckets;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.task.CallbackState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/** Counts attempts; names begin with {@code aiopslab.callbacks}. */
@Component
class CallbackMetrics {
  private static final String PREFIX = "aiopslab.callbacks.";
  private static final Duration COUNT_INTERVAL = Duration.ofSeconds(30);

  private final MeterRegistry meters;
  private final CallbackDeliveries deliveries;
  private final InstantSource clock;
  private final AtomicLong pending = new AtomicLong();
  private Instant due = Instant.MIN;

  CallbackMetrics(MeterRegistry meters, CallbackDeliveries deliveries, InstantSource clock) {
    this.meters = meters;
    this.deliveries = deliveries;
    this.clock = clock;
    Gauge.builder(PREFIX + "pending", pending, AtomicLong::get)
        .description("Callbacks that are due or wait for their next attempt; counted every 30 s")
        .register(meters);
    for (CallbackState state : CallbackState.values()) {
      attempts(state);
    }
  }

  void attempted(CallbackDeliveries.Attempted attempt) {
    attempts(attempt.state()).record(attempt.took());
  }

  /**
   * @param after the delivery's state after the attempt
   */
  private Timer attempts(CallbackState after) {
    return Timer.builder(PREFIX + "attempts")
        .description("Attempts at callbacks, and how long they took")
        .tag("outcome", after == CallbackState.PENDING ? "failed" : after.wire())
        .serviceLevelObjectives(Buckets.latency())
        .register(meters);
  }

  /** Does nothing until half a minute has passed since it last succeeded. */
  void countPending() {
    Instant now = clock.instant();
    if (!now.isBefore(due)) {
      pending.set(deliveries.pending());
      due = now.plus(COUNT_INTERVAL);
    }
  }
}

package io.aiopslab.tasks.collector.callback;

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
  }

  void attempted(CallbackDeliveries.Attempted attempt) {
    String outcome = attempt.state() == CallbackState.PENDING ? "failed" : attempt.state().wire();
    Timer.builder(PREFIX + "attempts")
        .description("Attempts at callbacks, and how long they took")
        .tag("outcome", outcome)
        .register(meters)
        .record(attempt.took());
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

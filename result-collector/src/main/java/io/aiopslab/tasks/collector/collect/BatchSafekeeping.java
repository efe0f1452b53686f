package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.collector.feed.FeedSequencer;
import io.aiopslab.tasks.collector.group.StopGroups;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.trace.LogKeys;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.ImmediateRequeueAmqpException;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Does not let go of a batch before it is safe: waits for a database that is away, and sets aside
 * the one message that no database would take.
 */
@Component
class BatchSafekeeping {
  private static final Logger log = LoggerFactory.getLogger(BatchSafekeeping.class);
  private static final IntervalFunction WAITS =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(200), 2.0, 0.5, Duration.ofSeconds(5));

  private final BatchStore store;
  private final CollectorMetrics metrics;
  private final StoreTraces traces;
  private final InstantSource clock;
  private final Workers workers;
  private final FeedSequencer feed;
  private final StopGroups groups;
  private volatile CountDownLatch stopping = new CountDownLatch(1);

  BatchSafekeeping(
      BatchStore store,
      CollectorMetrics metrics,
      StoreTraces traces,
      Workers workers,
      FeedSequencer feed,
      StopGroups groups,
      InstantSource clock) {
    this.store = store;
    this.metrics = metrics;
    this.traces = traces;
    this.workers = workers;
    this.clock = clock;
    this.feed = feed;
    this.groups = groups;
  }

  /**
   * Returns once every message is stored, kept as evidence or quarantined, and committed.
   *
   * @throws ImmediateRequeueAmqpException if the collector is stopped before that
   */
  void keep(List<Delivery> batch) {
    try {
      store(batch);
    } catch (RuntimeException e) {
      if (!PoisonVerdict.isPoison(e)) {
        throw e;
      }
      log.warn("A message of {} cannot be stored: storing them one by one", batch.size());
      batch.forEach(this::keepAlone);
    }
  }

  void stop() {
    stopping.countDown();
  }

  void start() {
    stopping = new CountDownLatch(1);
  }

  private void store(List<Delivery> batch) {
    Instant begun = clock.instant();
    Tally tally = untilItPasses(() -> store.store(batch));
    metrics.count(tally);
    traces.stored(batch, tally.stored(), begun);
    hear(tally.stored());
  }

  /**
   * Whoever reports lives, though its heartbeats do not come through. In a statement of its own, so
   * that no heartbeat waits for a batch; what is stored stays stored if it fails.
   */
  private void hear(List<RunEvent> stored) {
    Map<UUID, UUID> runs = new HashMap<>();
    stored.forEach(event -> runs.put(event.taskId(), event.sessionId()));
    try {
      workers.hear(runs);
    } catch (DataAccessException e) {
      log.warn(
          "Reports are stored but not noted as signs of life; after an upgrade run"
              + " infra/postgres/roles.sql again: {}",
          e.toString());
    }
  }

  private void keepAlone(Delivery delivery) {
    try {
      store(List.of(delivery));
    } catch (RuntimeException e) {
      if (!PoisonVerdict.isPoison(e) || delivery.event() == null) {
        throw e;
      }
      String reason = PoisonVerdict.reason(e);
      try (var named = LogKeys.run(delivery.event().taskId(), delivery.event().sessionId())) {
        log.warn(
            "Quarantined message {} ({}); see table dead_letters",
            delivery.letter().messageId(),
            reason);
      }
      metrics.count(untilItPasses(() -> store.quarantine(delivery, reason)));
    }
  }

  private Tally untilItPasses(Supplier<Tally> attempt) {
    for (int tries = 1; ; tries++) {
      try {
        Tally tally = attempt.get();
        if (tries > 1) {
          log.info("Events are being stored again, after {} tries", tries);
        }
        if (!tally.ended().isEmpty()) {
          feed.wake();
          groups.afterEndsOf(tally.ended().keySet());
        }
        return tally;
      } catch (RuntimeException e) {
        if (PoisonVerdict.isPoison(e)) {
          throw e;
        }
        sayWaiting(tries, e);
        pause(WAITS.apply(Math.min(tries, 30)), e);
      }
    }
  }

  /** At once, and then about once a minute. */
  private static void sayWaiting(int tries, RuntimeException cause) {
    if (tries == 1 || tries % 12 == 0) {
      log.warn(
          "Events cannot be stored now and are held until they can (try {}). See that PostgreSQL"
              + " runs; nothing has to be restarted here: {}",
          tries,
          cause.toString());
    }
  }

  private void pause(long millis, RuntimeException cause) {
    try {
      if (!stopping.await(millis, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new ImmediateRequeueAmqpException("stopped before the batch was stored", cause);
  }
}

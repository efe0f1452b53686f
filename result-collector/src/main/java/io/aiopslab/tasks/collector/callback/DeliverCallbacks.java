package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.loop.Loop;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.store.SchemaGate;
import io.aiopslab.tasks.task.CallbackDelivery;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Claims the callbacks that are due, as many as there is room for, and has them sent; from the
 * moment the schema is there, and until the last attempts are recorded.
 */
@Component
class DeliverCallbacks {
  private static final Logger log = LoggerFactory.getLogger(DeliverCallbacks.class);

  private final CallbackDeliveries deliveries;
  private final AttemptCallback attempt;
  private final HostGuards guards;
  private final CallbackSettings settings;
  private final Semaphore slots;
  private final ThreadPoolExecutor senders;
  private final Loop loop;

  DeliverCallbacks(
      CallbackDeliveries deliveries,
      AttemptCallback attempt,
      HostGuards guards,
      CallbackMetrics metrics,
      CallbackSettings settings,
      SchemaGate schema,
      Loops loops) {
    this.deliveries = deliveries;
    this.attempt = attempt;
    this.guards = guards;
    this.settings = settings;
    this.slots = new Semaphore(settings.concurrency());
    this.senders = Threads.pool("callback-sender", settings.concurrency());
    this.loop =
        loops
            .loop("callbacks")
            .after(schema::await)
            .every(settings.pollInterval())
            .saying("Cannot look for callbacks now; they are sent when the database is back")
            .lastly(this::awaitQuiet)
            .run(
                () -> {
                  runOnce();
                  metrics.countPending();
                });
  }

  /** Starts what is due; does not wait for it. To be called by one thread at a time. */
  void runOnce() {
    Set<String> refused = new HashSet<>();
    while (slots.tryAcquire()) {
      boolean more = false;
      try {
        more = startNext(refused);
      } finally {
        if (!more) {
          slots.release();
        }
      }
      if (!more) {
        return;
      }
    }
  }

  /**
   * @param refused hosts that had no room after all; grows
   * @return whether the slot is taken now; false if nothing is due that has room
   */
  private boolean startNext(Set<String> refused) {
    while (true) {
      Set<String> leaveAlone = new HashSet<>(refused);
      leaveAlone.addAll(guards.withoutRoom());
      UUID claim = UUID.randomUUID();
      Optional<CallbackDelivery> due = deliveries.claim(claim, settings.lease(), leaveAlone);
      if (due.isEmpty()) {
        return false;
      }
      CallbackDelivery delivery = due.get();
      HostGuard guard = guards.of(delivery.host());
      if (guard.tryEnter()) {
        senders.execute(() -> send(delivery, claim, guard));
        return true;
      }
      refused.add(delivery.host());
      deliveries.giveBack(delivery.taskId(), claim);
    }
  }

  private void send(CallbackDelivery delivery, UUID claim, HostGuard guard) {
    try {
      attempt.attempt(delivery, claim, guard);
    } catch (RuntimeException | Error e) {
      log.warn(
          "An attempt at the callback of task {} could not be written down; it is made again after"
              + " {}: {}",
          delivery.taskId(),
          settings.lease(),
          e.toString());
    } finally {
      slots.release();
      loop.wake();
    }
  }

  /** So that the last attempts are written down. */
  private void awaitQuiet() {
    Duration longest = settings.deadline().multipliedBy(2);
    try {
      boolean unused =
          slots.tryAcquire(settings.concurrency(), longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      senders.shutdownNow();
    }
  }
}

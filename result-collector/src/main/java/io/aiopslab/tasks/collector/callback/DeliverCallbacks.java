package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.task.CallbackDelivery;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Claims the callbacks that are due, as many as there is room for, and has them sent. */
@Component
class DeliverCallbacks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DeliverCallbacks.class);

  private final CallbackDeliveries deliveries;
  private final AttemptCallback attempt;
  private final HostGuards guards;
  private final CallbackSettings settings;
  private final Semaphore slots;
  private final Semaphore freed = new Semaphore(0);
  private final ThreadPoolExecutor senders;

  DeliverCallbacks(
      CallbackDeliveries deliveries,
      AttemptCallback attempt,
      HostGuards guards,
      CallbackSettings settings) {
    this.deliveries = deliveries;
    this.attempt = attempt;
    this.guards = guards;
    this.settings = settings;
    this.slots = new Semaphore(settings.concurrency());
    this.senders =
        new ThreadPoolExecutor(
            settings.concurrency(),
            settings.concurrency(),
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> new Thread(task, "callback-sender"));
    senders.allowCoreThreadTimeOut(true);
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
      freed.release();
    }
  }

  /** Waits until there is room for more, at most {@code longest}. */
  void awaitRoom(Duration longest) throws InterruptedException {
    if (freed.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS)) {
      freed.drainPermits();
    }
  }

  /** Waits until nothing is under way, at most {@code longest}. */
  void awaitQuiet(Duration longest) throws InterruptedException {
    if (slots.tryAcquire(settings.concurrency(), longest.toMillis(), TimeUnit.MILLISECONDS)) {
      slots.release(settings.concurrency());
    }
  }

  @Override
  public void close() {
    senders.shutdownNow();
  }
}

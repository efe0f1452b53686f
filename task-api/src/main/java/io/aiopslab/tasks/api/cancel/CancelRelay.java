package io.aiopslab.tasks.api.cancel;

import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.store.TaskCancels.Order;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Tells workers which runs shall end, on a thread of its own, so that neither a request nor a
 * ticket waits for it. The table is the memory: a command is repeated until its run has ended.
 */
@Component
class CancelRelay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(CancelRelay.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final int BATCH = 500;

  /** No more runs than that go on at a time: slots are fewer. */
  private static final int MOST = 100_000;

  private static final IntervalFunction PAUSES =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(200), 2, 0.5, Duration.ofSeconds(5));

  private final CancelOutbox outbox;
  private final TaskCancels cancels;
  private final SendCancels send;
  private final Duration lookInterval;
  private final Duration repeatInterval;
  private final Map<Order, Long> told = new HashMap<>();
  private volatile @Nullable Thread thread;
  private long nextLook = System.nanoTime();

  CancelRelay(CancelOutbox outbox, TaskCancels cancels, SendCancels send, CancelSettings settings) {
    this.outbox = outbox;
    this.cancels = cancels;
    this.send = send;
    this.lookInterval = settings.lookInterval();
    this.repeatInterval = settings.repeatInterval();
  }

  private void run() {
    int failures = 0;
    while (thread == Thread.currentThread()) {
      try {
        sendNew();
        lookWhenDue();
        failures = 0;
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        if (++failures == 1) {
          log.warn(
              "Cancels cannot be sent now and will be repeated; workers hear of them with their"
                  + " next heartbeat: {}",
              e.toString());
        }
        outbox.clear();
        pause(failures);
      }
    }
  }

  private void sendNew() throws InterruptedException {
    Duration untilLook = Duration.ofNanos(Math.max(0, nextLook - System.nanoTime()));
    tell(outbox.take(untilLook, BATCH));
  }

  /** What somebody else has asked for, or what was sent and had no effect for a while. */
  private void lookWhenDue() {
    if (System.nanoTime() - nextLook >= 0) {
      List<Order> unanswered = cancels.unanswered(Duration.ZERO, MOST);
      told.keySet().retainAll(Set.copyOf(unanswered));
      List<Order> toBeTold = unanswered.stream().filter(this::isToBeTold).toList();
      for (int from = 0; from < toBeTold.size(); from += BATCH) {
        tell(toBeTold.subList(from, Math.min(from + BATCH, toBeTold.size())));
      }
      nextLook = System.nanoTime() + lookInterval.toNanos();
    }
  }

  private boolean isToBeTold(Order order) {
    Long at = told.get(order);
    return at == null || System.nanoTime() - at >= repeatInterval.toNanos();
  }

  private void tell(List<Order> orders) {
    send.send(orders);
    orders.forEach(order -> told.put(order, System.nanoTime()));
  }

  private void pause(int failures) {
    try {
      Thread.sleep(PAUSES.apply(Math.min(failures, 10)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void start() {
    Thread started = new Thread(this::run, "cancel-relay");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  @Override
  public void stop() {
    Thread running = thread;
    thread = null;
    if (running != null) {
      running.interrupt();
      try {
        running.join(STOP_LIMIT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    send.close();
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }
}

package io.aiopslab.tasks.api.deadletters;

import io.aiopslab.tasks.api.outbox.Outbox;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Sends dead letters again on a thread of its own, so that no request waits for the broker. The
 * table is the memory: what is asked for is sent when the broker is back.
 */
@Component
class LetterRelay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(LetterRelay.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final SendLetters send;
  private final Outbox<Boolean> wakes = new Outbox<>(1);
  private volatile @Nullable Thread thread;
  private boolean failing;

  LetterRelay(SendLetters send) {
    this.send = send;
  }

  /** Has it look now. */
  void wake() {
    boolean unused = wakes.offer(true);
  }

  private void run() {
    while (thread == Thread.currentThread()) {
      try {
        wakes.take(LOOK, 1);
        sendAll();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void sendAll() {
    try {
      while (thread == Thread.currentThread() && send.sendNext()) {
        failing = false;
      }
    } catch (RuntimeException e) {
      if (!failing) {
        log.warn(
            "Dead letters cannot be sent again now and will be tried on. See that the broker runs,"
                + " and that infra/postgres/roles.sql was run after the upgrade: {}",
            e.toString());
      }
      failing = true;
    }
  }

  @Override
  public void start() {
    Thread started = new Thread(this::run, "letter-relay");
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

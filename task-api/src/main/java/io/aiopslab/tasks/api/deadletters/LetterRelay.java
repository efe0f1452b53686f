package io.aiopslab.tasks.api.deadletters;

import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Sends dead letters again on a thread of its own, so that no request waits for the broker. The
 * table is the memory: what is asked for is sent when the broker is back.
 */
@Component
class LetterRelay {
  private static final Logger log = LoggerFactory.getLogger(LetterRelay.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final SendLetters send;
  private final AtomicBoolean woken = new AtomicBoolean();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread made = new Thread(work, "letter-relay");
            made.setDaemon(true);
            return made;
          });
  private boolean failing;

  LetterRelay(SendLetters send) {
    this.send = send;
  }

  /** Has it look now. */
  void wake() {
    if (woken.compareAndSet(false, true)) {
      thread.execute(this::sendAll);
    }
  }

  @EventListener(ApplicationReadyEvent.class)
  void start() {
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::sendAll, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void sendAll() {
    woken.set(false);
    try {
      while (!thread.isShutdown() && send.sendNext()) {
        failing = false;
      }
    } catch (RuntimeException | Error e) {
      if (!failing) {
        log.warn(
            "Dead letters cannot be sent again now and will be tried on. See that the broker runs,"
                + " and that infra/postgres/roles.sql was run after the upgrade: {}",
            e.toString());
      }
      failing = true;
    }
  }

  @PreDestroy
  void stop() throws InterruptedException {
    thread.shutdownNow();
    boolean unused = thread.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    send.close();
  }
}

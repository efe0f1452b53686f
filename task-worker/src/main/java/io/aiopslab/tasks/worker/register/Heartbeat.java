package io.aiopslab.tasks.worker.register;

import io.aiopslab.tasks.worker.command.CancelledSessions;
import io.aiopslab.tasks.worker.command.LostSessions;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Says at every interval that the slots are alive, and hears which runs shall end. */
@Component
public class Heartbeat {
  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

  private final Registration registration;
  private final CancelledSessions cancelled;
  private final LostSessions lost;
  private final long intervalMillis;
  private boolean failing;

  Heartbeat(
      Registration registration,
      CancelledSessions cancelled,
      LostSessions lost,
      WorkerSettings settings) {
    this.registration = registration;
    this.cancelled = cancelled;
    this.lost = lost;
    this.intervalMillis = settings.heartbeatInterval().toMillis();
  }

  /** Beats until it is interrupted. */
  public void beatForever() {
    try {
      while (true) {
        runOnce();
        TimeUnit.MILLISECONDS.sleep(intervalMillis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void runOnce() {
    try {
      registration.beat();
      cancelled.look();
      lost.look();
      failing = false;
    } catch (RuntimeException | Error e) {
      if (!failing) {
        log.warn("No heartbeat could be sent ({}); trying again", e.getMessage());
      }
      failing = true;
    }
  }
}

package io.aiopslab.tasks.worker.register;

import io.aiopslab.tasks.loop.Loop;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.worker.command.CancelledSessions;
import io.aiopslab.tasks.worker.command.LostSessions;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.util.concurrent.CountDownLatch;
import org.springframework.stereotype.Component;

/**
 * Says at every interval that the slots are alive, and hears which runs shall end; from the
 * registration of this worker until it signs off.
 */
@Component
public class Heartbeat {
  private final Registration registration;
  private final CancelledSessions cancelled;
  private final LostSessions lost;
  private final CountDownLatch registered = new CountDownLatch(1);
  private final Loop loop;

  Heartbeat(
      Registration registration,
      CancelledSessions cancelled,
      LostSessions lost,
      WorkerSettings settings,
      Loops loops) {
    this.registration = registration;
    this.cancelled = cancelled;
    this.lost = lost;
    this.loop =
        loops
            .loop("heartbeat")
            .after(registered::await)
            .every(settings.heartbeatInterval())
            .pausing(settings.heartbeatInterval().dividedBy(2), settings.heartbeatInterval())
            .saying("No heartbeat could be sent; trying again")
            .inPhase(0)
            .run(this::beat);
  }

  public void begin() {
    registered.countDown();
  }

  /** Waits for a beat under way: after it there is none. */
  public void end() {
    loop.stop();
  }

  private void beat() {
    registration.beat();
    cancelled.look();
    lost.look();
  }
}

package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Sees to it that nothing runs any more of what a killed process of this worker had started, before
 * the clusters are used again. A supervisor ends its run by itself and gets the time for it; what
 * outlived its supervisor is killed.
 */
@Component
public class LeftoverProcesses {
  private static final Logger log = LoggerFactory.getLogger(LeftoverProcesses.class);
  private static final long LOOK_MILLIS = 50;

  private final Duration grace;

  LeftoverProcesses(WorkerSettings settings) {
    this.grace = settings.longestEnd();
  }

  /** Returns when none of these sessions' processes is left. */
  public void end(Collection<UUID> sessions) throws InterruptedException {
    long end = System.nanoTime() + grace.toNanos();
    for (UUID session : sessions) {
      ProcessGroup group = new ProcessGroup(0, session);
      boolean told = false;
      while (!group.living().isEmpty()) {
        if (!told) {
          log.info("Waiting for processes {} of session {} to end", group.living(), session);
          told = true;
        }
        if (System.nanoTime() - end > 0) {
          log.warn("Killing processes {} of session {}", group.living(), session);
          group.kill();
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    }
  }
}

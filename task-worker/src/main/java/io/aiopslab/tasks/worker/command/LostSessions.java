package io.aiopslab.tasks.worker.command;

import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.worker.run.ActiveRuns;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Finds the runs whose task has ended without them, as that of a worker which was frozen for so
 * long that it was called lost. They are ended; what they still say is kept as evidence.
 */
@Component
public class LostSessions {
  private static final Logger log = LoggerFactory.getLogger(LostSessions.class);

  private final TaskClaims claims;
  private final ActiveRuns runs;

  LostSessions(TaskClaims claims, ActiveRuns runs) {
    this.claims = claims;
    this.runs = runs;
  }

  /** To be called with every heartbeat. */
  public void look() {
    Set<UUID> lost = new HashSet<>(runs.sessions());
    if (lost.isEmpty()) {
      return;
    }
    lost.removeAll(claims.stillRunning(lost));
    lost.retainAll(runs.sessions()); // those that have just reported their end are no news
    for (UUID session : lost) {
      log.warn("Ending the run of session {}: its task has ended without it", session);
      runs.lose(session);
    }
  }
}

package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.UnreadableMessageException;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Says the last word for runs that a killed process of this worker left without one: {@code
 * worker_lost}. It goes into the run's own file, behind all that the run has said, so a result that
 * is still in the spool comes first and wins. The lock on the spool directory proves that the
 * process is gone.
 */
@Component
public class AbandonedRuns {
  private static final Logger log = LoggerFactory.getLogger(AbandonedRuns.class);

  private final EventSpool spool;
  private final TaskClaims claims;
  private final Clock clock;

  AbandonedRuns(EventSpool spool, TaskClaims claims, Clock clock) {
    this.spool = spool;
    this.claims = claims;
    this.clock = clock;
  }

  /**
   * Safe to repeat.
   *
   * @throws RuntimeException if the database cannot be asked, or the disk is full
   */
  public void end() throws IOException {
    for (SpoolFile file : spool.abandoned()) {
      Optional<Task> task = claims.claimedBy(file.session());
      Task.Run run = task.map(Task::run).orElse(null);
      if (run == null) {
        file.giveUp(); // it was never claimed, or has ended meanwhile
      } else {
        end(file, task.get(), run);
      }
    }
    spool.announce();
  }

  private void end(SpoolFile file, Task task, Task.Run run) throws IOException {
    long nextSeq = 0;
    long logLines = 0;
    int trajectoryEvents = 0;
    long position = 0;
    for (var next = file.read(0); next.isPresent(); next = file.read(position)) {
      position = next.get().end();
      try {
        RunEvent event = RunEvent.fromBytes(next.get().event().body());
        nextSeq = event.seq() + 1;
        if (event.body() instanceof RunEventBody.Logged logged) {
          logLines = logged.firstSeq() + logged.lines().size();
        }
        if (event.body().belongsToTrajectory()) {
          trajectoryEvents++;
        }
      } catch (UnreadableMessageException e) {
        log.warn("{} holds what this version cannot read: {}", file.path(), e.getMessage());
      }
    }
    String why =
        "Worker %s was ended while it ran this task, and has been restarted. Submit the task again."
            .formatted(run.workerId());
    TaskResult nothing =
        new TaskResult(null, null, null, Map.of(), Map.of(), null, null, null, 0, logLines);
    spool.appendLast(
        new RunEvent(
            RunEvent.VERSION,
            task.id(),
            run.sessionId(),
            run.workerId(),
            nextSeq,
            clock.instant(),
            new RunEventBody.Finished(TaskStatus.FAILED, FailureCode.WORKER_LOST, why, nothing)
                .afterTrajectoryEvents(trajectoryEvents)));
    log.warn("Task {} was lost with the process before this one", task.id());
  }
}

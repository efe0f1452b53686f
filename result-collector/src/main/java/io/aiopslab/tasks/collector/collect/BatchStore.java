package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.failpoint.Failpoint;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.store.AiopslabResults;
import io.aiopslab.tasks.store.Evidence;
import io.aiopslab.tasks.store.RunBriefings;
import io.aiopslab.tasks.store.RunProgress;
import io.aiopslab.tasks.store.RunSessions;
import io.aiopslab.tasks.store.RunSessions.Run;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.TaskSteps;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/** Stores a batch in one transaction. Safe to repeat: every row is idempotent by its key. */
@Component
class BatchStore {
  private final TransactionOperations transactions;
  private final RunSessions sessions;
  private final TaskLogs logs;
  private final RunBriefings briefings;
  private final TaskSteps steps;
  private final AiopslabResults aiopslabResults;
  private final RunProgress progress;
  private final TaskEndings endings;
  private final TaskResults results;
  private final Evidence evidence;

  BatchStore(
      TransactionOperations transactions,
      RunSessions sessions,
      TaskLogs logs,
      RunBriefings briefings,
      TaskSteps steps,
      AiopslabResults aiopslabResults,
      RunProgress progress,
      TaskEndings endings,
      TaskResults results,
      Evidence evidence) {
    this.transactions = transactions;
    this.sessions = sessions;
    this.logs = logs;
    this.briefings = briefings;
    this.steps = steps;
    this.aiopslabResults = aiopslabResults;
    this.progress = progress;
    this.endings = endings;
    this.results = results;
    this.evidence = evidence;
  }

  /** All or nothing: when this returns, everything is committed. */
  Tally store(List<Delivery> deliveries) {
    return Objects.requireNonNull(transactions.execute(tx -> storeAll(deliveries)));
  }

  /** Keeps a message that the store refuses, whole. */
  Tally quarantine(Delivery delivery, String reason) {
    Tally tally = new Tally();
    transactions.executeWithoutResult(tx -> quarantine(delivery, reason, tally));
    return tally;
  }

  private Tally storeAll(List<Delivery> deliveries) {
    Tally tally = new Tally();
    Set<RunEvent> events = readable(deliveries, tally);
    Map<UUID, Run> owners = owners(events);
    RunBatch batch = RunBatch.fold(accepted(events, owners, tally));
    logs.append(batch.logs());
    briefings.record(batch.briefings());
    steps.append(batch.steps());
    aiopslabResults.record(batch.aiopslabResults());
    progress.advance(batch.advances());
    batch.endings().forEach(ending -> end(ending, owners.get(ending.taskId()), tally));
    return tally;
  }

  private Set<RunEvent> readable(List<Delivery> deliveries, Tally tally) {
    Set<RunEvent> events = new LinkedHashSet<>();
    for (Delivery delivery : deliveries) {
      RunEvent event = delivery.event();
      if (event == null) {
        quarantine(delivery, String.valueOf(delivery.unreadable()), tally);
      } else if (!events.add(event)) {
        tally.duplicate();
      }
    }
    return events;
  }

  private List<RunEvent> accepted(Set<RunEvent> events, Map<UUID, Run> owners, Tally tally) {
    List<RunEvent> accepted = new ArrayList<>();
    // In order of their keys, so that two collectors that keep the same evidence do not wait for
    // each other in a circle.
    for (RunEvent event : events.stream().sorted(RunBatch.BY_TASK_AND_SEQ).toList()) {
      StaleReason stale = staleness(event, owners.get(event.taskId()));
      if (stale != null) {
        keep(event, stale, tally);
      } else {
        accepted.add(event);
        tally.stored(event);
      }
    }
    return accepted;
  }

  private Map<UUID, Run> owners(Set<RunEvent> events) {
    Set<UUID> tasks = new LinkedHashSet<>();
    events.forEach(event -> tasks.add(event.taskId()));
    return tasks.isEmpty() ? Map.of() : sessions.of(tasks);
  }

  private static @Nullable StaleReason staleness(RunEvent event, @Nullable Run owner) {
    if (owner == null) {
      return StaleReason.UNKNOWN_TASK;
    }
    return owner.sessionId().equals(event.sessionId()) ? null : StaleReason.OTHER_SESSION;
  }

  private void end(RunEvent event, @Nullable Run run, Tally tally) {
    Finished finished = (Finished) event.body();
    UUID task = event.taskId();
    UUID session = event.sessionId();
    switch (endings.finish(
        task, session, finished.status(), finished.failureCode(), finished.errorDetails())) {
      case APPLIED -> {
        Failpoint.BETWEEN_ENDING_AND_CALLBACK.reached();
        results.record(
            task, session, event.seq(), event.at(), finished.result(), finished.trajectoryEvents());
        tally.ended(task, finished, Objects.requireNonNull(run));
      }
      case STALE -> {
        if (results.isRecorded(task, session, event.seq())) {
          tally.duplicate();
        } else {
          keep(event, StaleReason.ALREADY_ENDED, tally);
        }
      }
      case UNKNOWN -> keep(event, StaleReason.UNKNOWN_TASK, tally);
    }
  }

  private void keep(RunEvent event, StaleReason reason, Tally tally) {
    evidence.keepStale(event, reason.sentence());
    tally.stale(reason);
  }

  private void quarantine(Delivery delivery, String reason, Tally tally) {
    evidence.quarantine(delivery.letter(), reason);
    tally.quarantine();
  }
}

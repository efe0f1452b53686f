package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.message.RunEventBody.StepTaken;
import io.aiopslab.tasks.store.Evidence;
import io.aiopslab.tasks.store.RunProgress;
import io.aiopslab.tasks.store.RunSessions;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.task.LogLine;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Events → rows, in one transaction and with one statement a table. Storing again changes nothing.
 */
@Component
class StoreEvents {
  private final TransactionTemplate transaction;
  private final RunSessions sessions;
  private final TaskLogs logs;
  private final TaskSteps steps;
  private final RunProgress progress;
  private final FinishTask finishTask;
  private final Evidence evidence;
  private final MeterRegistry meters;

  StoreEvents(
      TransactionTemplate transaction,
      RunSessions sessions,
      TaskLogs logs,
      TaskSteps steps,
      RunProgress progress,
      FinishTask finishTask,
      Evidence evidence,
      MeterRegistry meters) {
    this.transaction = transaction;
    this.sessions = sessions;
    this.logs = logs;
    this.steps = steps;
    this.progress = progress;
    this.finishTask = finishTask;
    this.evidence = evidence;
    this.meters = meters;
  }

  void store(List<Received> batch) {
    List<RunEvent> events = batch.stream().map(Received::event).toList();
    transaction.executeWithoutResult(status -> storeAll(events));
    meters.summary("aiopslab.events.batch").record(events.size());
    events.stream()
        .collect(Collectors.groupingBy(event -> event.body().kind(), Collectors.counting()))
        .forEach((kind, n) -> meters.counter("aiopslab.events.stored", "kind", kind).increment(n));
  }

  private void storeAll(List<RunEvent> events) {
    List<RunEvent> own = keepStrangersApart(events);
    logs.append(logEntries(own));
    steps.append(stepEntries(own));
    progress.advance(FoldProgress.of(own));
    for (RunEvent event : own) {
      if (event.body() instanceof Finished finished) {
        finishTask.finish(event, finished);
      }
    }
  }

  /** Events of a session that does not own its task are evidence, not data. */
  private List<RunEvent> keepStrangersApart(List<RunEvent> events) {
    Map<UUID, UUID> owners =
        sessions.of(events.stream().map(RunEvent::taskId).collect(Collectors.toSet()));
    List<RunEvent> own = new ArrayList<>();
    for (RunEvent event : events) {
      UUID owner = owners.get(event.taskId());
      if (event.sessionId().equals(owner)) {
        own.add(event);
      } else {
        evidence.keepStale(event, owner == null ? "unknown_task" : "other_session");
        meters.counter("aiopslab.events.stale").increment();
      }
    }
    return own;
  }

  private static List<TaskLogs.Entry> logEntries(Collection<RunEvent> events) {
    List<TaskLogs.Entry> entries = new ArrayList<>();
    for (RunEvent event : events) {
      if (event.body() instanceof Logged logged) {
        long seq = logged.firstSeq();
        for (Logged.Line line : logged.lines()) {
          entries.add(
              new TaskLogs.Entry(
                  event.taskId(),
                  new LogLine(seq++, line.ts(), line.level(), line.message(), line.context())));
        }
      }
    }
    return entries;
  }

  private static List<TaskSteps.Entry> stepEntries(Collection<RunEvent> events) {
    List<TaskSteps.Entry> entries = new ArrayList<>();
    for (RunEvent event : events) {
      if (event.body() instanceof StepTaken taken) {
        entries.add(new TaskSteps.Entry(event.taskId(), taken.step()));
      }
    }
    return entries;
  }
}

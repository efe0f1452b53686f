package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.AiopslabResult;
import io.aiopslab.tasks.message.RunEventBody.Briefed;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.message.RunEventBody.Measured;
import io.aiopslab.tasks.message.RunEventBody.PhaseEntered;
import io.aiopslab.tasks.message.RunEventBody.Started;
import io.aiopslab.tasks.message.RunEventBody.StepTaken;
import io.aiopslab.tasks.store.AiopslabResults;
import io.aiopslab.tasks.store.RunBriefings;
import io.aiopslab.tasks.store.RunProgress.Advance;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.task.LogLine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a batch of accepted events says, table by table. Rows are in order of their keys, so that
 * two collectors storing the same rows never wait for each other in a circle.
 */
record RunBatch(
    List<TaskLogs.Entry> logs,
    List<RunBriefings.Entry> briefings,
    List<TaskSteps.Entry> steps,
    List<AiopslabResults.Entry> aiopslabResults,
    List<Advance> advances,
    List<RunEvent> endings) {
  static final Comparator<RunEvent> BY_TASK_AND_SEQ =
      Comparator.comparing(RunEvent::taskId)
          .thenComparing(RunEvent::seq)
          .thenComparing(RunEvent::sessionId);

  /** Events may come in any order, and more than once. */
  static RunBatch fold(List<RunEvent> accepted) {
    List<TaskLogs.Entry> logs = new ArrayList<>();
    List<RunBriefings.Entry> briefings = new ArrayList<>();
    List<TaskSteps.Entry> steps = new ArrayList<>();
    List<AiopslabResults.Entry> aiopslabResults = new ArrayList<>();
    List<RunEvent> endings = new ArrayList<>();
    Map<UUID, AdvanceFold> advances = new LinkedHashMap<>();
    for (RunEvent event : accepted.stream().sorted(BY_TASK_AND_SEQ).toList()) {
      UUID task = event.taskId();
      if (event.body() instanceof Logged logged) {
        long seq = logged.firstSeq();
        for (Logged.Line line : logged.lines()) {
          logs.add(new TaskLogs.Entry(task, numbered(seq++, line)));
        }
      } else if (event.body() instanceof Briefed briefed) {
        briefings.add(new RunBriefings.Entry(task, briefed.briefing(), event.at()));
      } else if (event.body() instanceof StepTaken taken) {
        steps.add(new TaskSteps.Entry(task, taken.step()));
      } else if (event.body() instanceof AiopslabResult result) {
        aiopslabResults.add(new AiopslabResults.Entry(task, result.content(), event.at()));
      } else if (event.body() instanceof Finished) {
        endings.add(event);
      }
      advance(advances.computeIfAbsent(task, AdvanceFold::new), event);
    }
    logs.sort(
        Comparator.comparing(TaskLogs.Entry::taskId).thenComparing(entry -> entry.line().seq()));
    steps.sort(
        Comparator.comparing(TaskSteps.Entry::taskId).thenComparing(entry -> entry.step().index()));
    return new RunBatch(
        logs,
        briefings,
        steps,
        aiopslabResults,
        advances.values().stream().map(AdvanceFold::toAdvance).toList(),
        endings);
  }

  private static void advance(AdvanceFold fold, RunEvent event) {
    fold.heardAt(event.at());
    if (event.body() instanceof Started) {
      fold.entered(io.aiopslab.tasks.task.Phase.SETUP, event.seq());
    } else if (event.body() instanceof PhaseEntered entered) {
      fold.entered(entered.phase(), event.seq());
    } else if (event.body() instanceof StepTaken taken) {
      fold.took(taken.step());
    } else if (event.body() instanceof Measured measured) {
      fold.measured(measured.values());
    } else if (event.body() instanceof Finished finished) {
      fold.took(finished.result().steps());
    }
  }

  private static LogLine numbered(long seq, Logged.Line line) {
    return new LogLine(seq, line.ts(), line.level(), line.message(), line.context());
  }
}

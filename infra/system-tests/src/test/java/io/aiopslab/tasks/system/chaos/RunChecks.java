package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.system.chaos.Evidence.Log;
import io.aiopslab.tasks.system.chaos.Evidence.TaskRow;
import io.aiopslab.tasks.system.chaos.RunRecords.Start;
import io.aiopslab.tasks.system.chaos.RunRecords.Stop;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** What programs wrote down about themselves, against what is stored. */
final class RunChecks {
  private static final String FINISHED = "end";

  private RunChecks() {}

  static Stream<String> once(Evidence evidence) {
    return Stream.concat(foreignRuns(evidence), overlaps(evidence));
  }

  /** A task is claimed once in its life, so each run is the one of its row, and started once. */
  private static Stream<String> foreignRuns(Evidence evidence) {
    Map<String, String> sessions = new HashMap<>();
    return evidence.runs().starts().stream()
        .filter(
            start -> {
              TaskRow task = evidence.tasks().get(start.taskId());
              boolean second = sessions.putIfAbsent(start.taskId(), start.sessionId()) != null;
              return second || task == null || !start.sessionId().equals(task.sessionId());
            })
        .map(
            start ->
                "session %s ran task %s, which %s"
                    .formatted(start.sessionId(), start.taskId(), owner(evidence, start)));
  }

  private static String owner(Evidence evidence, Start start) {
    TaskRow task = evidence.tasks().get(start.taskId());
    return task == null ? "is not in the database" : "belongs to session " + task.sessionId();
  }

  private static Stream<String> overlaps(Evidence evidence) {
    return evidence.runs().starts().stream()
        .collect(Collectors.groupingBy(Start::cluster))
        .values()
        .stream()
        .flatMap(runs -> overlaps(runs, evidence.runs().stops()));
  }

  private static Stream<String> overlaps(List<Start> runs, Map<String, Stop> stops) {
    List<Start> inOrder = runs.stream().sorted(Comparator.comparingDouble(Start::at)).toList();
    Stream.Builder<String> broken = Stream.builder();
    for (int i = 1; i < inOrder.size(); i++) {
      Start before = inOrder.get(i - 1);
      Start next = inOrder.get(i);
      Stop stop = stops.get(before.sessionId());
      if (stop != null && stop.at() > next.at()) {
        broken.add(
            "session %s began on cluster %s %.3f s before session %s (%s) was over"
                .formatted(
                    next.sessionId(),
                    next.cluster(),
                    stop.at() - next.at(),
                    before.sessionId(),
                    stop.why()));
      }
    }
    return broken.build();
  }

  static Stream<String> logs(Evidence evidence) {
    return evidence.tasks().values().stream()
        .filter(task -> task.reportedLines() != null)
        .flatMap(task -> logs(task, evidence));
  }

  private static Stream<String> logs(TaskRow task, Evidence evidence) {
    Log log = evidence.logs().getOrDefault(task.id(), new Log(List.of(), ""));
    long reported = task.reportedLines() == null ? 0 : task.reportedLines();
    List<Long> whole = LongStream.range(0, reported).boxed().toList();
    if (!log.seqs().equals(whole)) {
      return Stream.of(
          "task %s has log lines %s, and its run reported %d"
              .formatted(task.id(), log.seqs(), reported));
    }
    Stop stop = evidence.runs().stops().get(String.valueOf(task.sessionId()));
    if (stop == null || !stop.why().equals(FINISHED)) {
      return task.status().equals("completed")
          ? Stream.of("task %s is completed, and its program did not end".formatted(task.id()))
          : Stream.of();
    }
    if (log.leftOut() > 0) {
      long stored = reported - 1; // the rest is the line that says so
      return stored + log.leftOut() == stop.lines()
          ? Stream.of()
          : Stream.of(
              "task %s has %d lines and says that %d were left out, but its program printed %d"
                  .formatted(task.id(), stored, log.leftOut(), stop.lines()));
    }
    return stop.sha256().equals(log.sha256())
        ? Stream.of()
        : Stream.of("task %s has other lines than its program printed".formatted(task.id()));
  }

  static Stream<String> gone(Evidence evidence) {
    return evidence.survivors().entrySet().stream()
        .map(run -> "session %s has processes %s".formatted(run.getKey(), run.getValue()));
  }
}

package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.system.chaos.Evidence.Move;
import io.aiopslab.tasks.system.chaos.Evidence.TaskRow;
import io.aiopslab.tasks.task.TaskStatus;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What clients were told about tasks, against what is stored. */
final class TaskChecks {
  private static final List<String> TERMINAL =
      Stream.of(TaskStatus.values()).filter(TaskStatus::isTerminal).map(TaskStatus::wire).toList();

  private TaskChecks() {}

  static Stream<String> ends(Evidence evidence) {
    Map<String, TaskRow> tasks = evidence.tasks();
    Stream<String> unended =
        evidence.told().ids().stream()
            .filter(id -> !TERMINAL.contains(status(tasks, id)))
            .map(id -> "task %s was acknowledged and is %s".formatted(id, status(tasks, id)));
    Stream<String> undone =
        evidence.told().ends().entrySet().stream()
            .filter(seen -> !seen.getValue().equals(status(tasks, seen.getKey())))
            .map(
                seen ->
                    "task %s was shown as %s and is %s"
                        .formatted(seen.getKey(), seen.getValue(), status(tasks, seen.getKey())));
    return Stream.of(unended, undone, evidence.told().contradictions().stream())
        .flatMap(each -> each);
  }

  private static String status(Map<String, TaskRow> tasks, String id) {
    TaskRow task = tasks.get(id);
    return task == null ? "not in the database" : task.status();
  }

  /** Also of a request whose answer was lost there are all tasks or none. */
  static Stream<String> known(Evidence evidence) {
    Map<String, Set<String>> stored =
        evidence.tasks().values().stream()
            .collect(
                Collectors.groupingBy(
                    task -> Objects.requireNonNullElse(task.request(), "(no request)"),
                    Collectors.mapping(TaskRow::id, Collectors.toSet())));
    return stored.entrySet().stream()
        .flatMap(
            request -> {
              Integer asked = evidence.told().asked().get(request.getKey());
              List<String> acknowledged = evidence.told().acknowledged().get(request.getKey());
              Set<String> excess = new HashSet<>(request.getValue());
              if (acknowledged != null) {
                acknowledged.forEach(excess::remove);
              } else if (asked != null && asked == excess.size()) {
                excess.clear();
              }
              return excess.stream()
                  .map(id -> "task %s of request %s".formatted(id, request.getKey()));
            });
  }

  static Stream<String> legal(Evidence evidence) {
    Map<String, String> reached = new HashMap<>();
    Stream.Builder<String> broken = Stream.builder();
    for (Move move : evidence.moves()) {
      String before = reached.put(move.taskId(), move.to());
      if (!Objects.equals(before, move.from()) || !isLegal(move.from(), move.to())) {
        broken.add(
            "task %s was %s and went from %s to %s"
                .formatted(move.taskId(), before, move.from(), move.to()));
      }
    }
    evidence.tasks().values().stream()
        .filter(task -> !task.status().equals(reached.get(task.id())))
        .forEach(
            task ->
                broken.add(
                    "task %s is %s and went last to %s"
                        .formatted(task.id(), task.status(), reached.get(task.id()))));
    return broken.build();
  }

  private static boolean isLegal(@Nullable String from, String to) {
    return from == null
        ? to.equals(TaskStatus.PENDING.wire())
        : TaskStatus.fromWire(from).canBecome(TaskStatus.fromWire(to));
  }
}

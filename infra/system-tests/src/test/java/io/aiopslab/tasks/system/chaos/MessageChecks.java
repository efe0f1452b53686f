package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.system.chaos.CallbackReceiver.Call;
import io.aiopslab.tasks.system.chaos.Evidence.Delivery;
import io.aiopslab.tasks.system.chaos.Evidence.TaskRow;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is left in queues and what arrived at callbacks, against what is stored. */
final class MessageChecks {
  private MessageChecks() {}

  static Stream<String> drained(Evidence evidence) {
    return evidence.queues().entrySet().stream()
        .filter(queue -> queue.getValue() > 0)
        .map(queue -> "%s holds %d messages".formatted(queue.getKey(), queue.getValue()));
  }

  static Stream<String> poison(Evidence evidence) {
    return Stream.concat(
        without(evidence.poison(), evidence.deadLetters())
            .map(id -> "message %s was poison and is not quarantined".formatted(id)),
        without(evidence.deadLetters(), evidence.poison())
            .map(id -> "message %s is quarantined and was no poison".formatted(id)));
  }

  private static Stream<String> without(Set<String> all, Set<String> some) {
    Set<String> rest = new HashSet<>(all);
    rest.removeAll(some);
    return rest.stream();
  }

  static Stream<String> calledBack(Evidence evidence) {
    Stream<String> owed =
        evidence.tasks().values().stream()
            .filter(task -> task.callsBack() && Told.isTerminal(task.status()))
            .filter(task -> !isSettled(task, evidence))
            .map(
                task ->
                    "task %s ended and its callback is %s"
                        .formatted(task.id(), evidence.deliveries().get(task.id())));
    Stream<String> wrong =
        evidence.calls().stream()
            .filter(call -> !isRight(call, evidence))
            .map(call -> "there is no reason for " + call);
    return Stream.concat(owed, wrong);
  }

  private static boolean isSettled(TaskRow task, Evidence evidence) {
    Delivery delivery = evidence.deliveries().get(task.id());
    if (delivery == null) {
      return false;
    }
    Set<Integer> answers =
        evidence.calls().stream()
            .filter(call -> call.webhookId().equals(delivery.webhookId()))
            .map(Call::answered)
            .collect(Collectors.toSet());
    return switch (delivery.state()) {
      case "delivered" -> answers.contains(204);
      case "exhausted" -> delivery.attempts() > 0;
      default -> false;
    };
  }

  private static boolean isRight(Call call, Evidence evidence) {
    TaskRow task = evidence.tasks().get(call.taskId());
    Delivery delivery = evidence.deliveries().get(call.taskId());
    return call.signed()
        && task != null
        && task.callsBack()
        && delivery != null
        && delivery.webhookId().equals(call.webhookId())
        && task.status().equals(call.status());
  }
}

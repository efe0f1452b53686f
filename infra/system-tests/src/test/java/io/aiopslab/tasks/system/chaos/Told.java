package io.aiopslab.tasks.system.chaos;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What the service has told its clients, and what they asked for without hearing an answer. */
final class Told {
  private static final Set<String> TERMINAL = Set.of("completed", "failed", "cancelled");

  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private final Map<String, List<String>> acknowledged = new ConcurrentHashMap<>();
  private final Map<String, String> ends = new ConcurrentHashMap<>();
  private final Queue<String> contradictions = new ConcurrentLinkedQueue<>();

  static boolean isTerminal(String status) {
    return TERMINAL.contains(status);
  }

  /** A client will ask for so many tasks under that key. */
  void asks(String key, int tasks) {
    asked.put(key, tasks);
  }

  /** The service said that the tasks asked for under the key are these. */
  void acknowledged(String key, List<String> ids) {
    List<String> before = acknowledged.putIfAbsent(key, List.copyOf(ids));
    if (before != null && !before.equals(ids)) {
      contradicted("key %s was answered with %s and then with %s".formatted(key, before, ids));
    }
  }

  /** The service said that the task is in that status. */
  void saw(String id, String status) {
    String end = ends.get(id);
    if (end != null && !end.equals(status)) {
      contradicted("task %s was %s and then %s".formatted(id, end, status));
    } else if (isTerminal(status)) {
      ends.put(id, status);
    }
  }

  /** The service said what it must not say. */
  void contradicted(String sentence) {
    contradictions.add(sentence);
  }

  Facts facts() {
    return new Facts(
        Map.copyOf(asked), Map.copyOf(acknowledged), Map.copyOf(ends), List.copyOf(contradictions));
  }

  /**
   * All of it at one moment.
   *
   * @param asked how many tasks, by idempotency key
   * @param acknowledged ids of tasks, by idempotency key
   * @param ends the terminal status that a client saw, by task
   */
  record Facts(
      Map<String, Integer> asked,
      Map<String, List<String>> acknowledged,
      Map<String, String> ends,
      List<String> contradictions) {

    List<String> ids() {
      return acknowledged.values().stream().flatMap(Collection::stream).toList();
    }
  }
}

package io.aiopslab.tasks.system.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How a round went.
 *
 * @param ends how many tasks ended in which state or with which failure code
 * @param recovery from the end of the fault until every promise was kept
 * @param broken a sentence for each id that breaks a promise
 */
record RoundResult(
    int number,
    Incident fault,
    long seed,
    int tasks,
    String ends,
    Duration recovery,
    List<String> broken) {
  static final String HEADING =
      "%-5s  %-26s  %-20s  %5s  %8s  %6s  %s"
          .formatted("round", "fault", "seed", "tasks", "recovery", "broken", "ended");

  String row() {
    return String.format(
        Locale.ROOT,
        "%-5d  %-26s  %-20d  %5d  %6.1f s  %6d  %s",
        number,
        fault,
        seed,
        tasks,
        recovery.toMillis() / 1000.0,
        broken.size(),
        ends);
  }
}

package io.aiopslab.tasks.system.chaos;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** What has to hold once every fault is healed; each check names the ids for which it does not. */
enum Promise {
  ENDS("every acknowledged task is in exactly one terminal state", TaskChecks::ends),
  KNOWN("there is no task that nobody asked for, and none twice", TaskChecks::known),
  LEGAL("only legal transitions happened", TaskChecks::legal),
  ONCE("runs of one task or of one cluster do not overlap", RunChecks::once),
  LOGS("logs of accepted runs are what was printed", RunChecks::logs),
  GONE("no process of a run is left", RunChecks::gone),
  DRAINED("queues are empty", MessageChecks::drained),
  POISON("dead letters are exactly the poison", MessageChecks::poison),
  CALLED_BACK("each callback is delivered or exhausted", MessageChecks::calledBack);

  private final String sentence;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Function<Evidence, Stream<String>> check;

  Promise(String sentence, Function<Evidence, Stream<String>> check) {
    this.sentence = sentence;
    this.check = check;
  }

  /**
   * @return a sentence for each id that breaks it; nothing if it is kept
   */
  List<String> broken(Evidence evidence) {
    return check
        .apply(evidence)
        .map(what -> "%s (%s): %s".formatted(name(), sentence, what))
        .toList();
  }

  static List<String> allBroken(Evidence evidence) {
    return Stream.of(values()).flatMap(promise -> promise.broken(evidence).stream()).toList();
  }
}

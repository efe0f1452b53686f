package io.aiopslab.tasks.worker.report;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs whose next event the broker does not take while it takes those of others. Each is left alone
 * for a second, then for twice as long each time, up to a minute. Their events stay in the spool.
 */
final class RefusedRuns {
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 6;
  private static final int WORTH_TELLING = 3;
  private static final Logger log = LoggerFactory.getLogger(RefusedRuns.class);

  private final Map<SpoolFile, Pause> pauses = new HashMap<>();
  private final Counter counter;

  private record Pause(int times, long untilNanos) {}

  RefusedRuns(MeterRegistry meters) {
    this.counter = meters.counter("aiopslab.worker.spool.refused");
    meters.gauge("aiopslab.worker.spool.refused.runs", pauses, Map::size);
  }

  boolean isEmpty() {
    return pauses.isEmpty();
  }

  /** Those that are to be tried now. */
  List<SpoolFile> without(List<SpoolFile> files) {
    long now = System.nanoTime();
    return files.stream()
        .filter(file -> !pauses.containsKey(file) || now - pauses.get(file).untilNanos() >= 0)
        .toList();
  }

  /**
   * @param arrived how many events of the run the broker has just taken, while it takes events
   */
  void note(SpoolFile file, int arrived) {
    if (arrived > 0) {
      forget(file);
      return;
    }
    Pause before = pauses.get(file);
    int times = before == null ? 1 : before.times() + 1;
    long nanos = FIRST_PAUSE.toNanos() << Math.min(times - 1, MOST_DOUBLINGS);
    pauses.put(
        file,
        new Pause(times, System.nanoTime() + Math.min(nanos, Duration.ofMinutes(1).toNanos())));
    counter.increment();
    if (times == WORTH_TELLING) {
      log.error(
          "The broker keeps refusing an event of session {}; other runs go on, this one waits in {}."
              + " Look into the broker's log for the reason: its limits on message size and queue"
              + " length are the likely ones",
          file.session(),
          file.path());
    }
  }

  void forget(SpoolFile file) {
    pauses.remove(file);
  }
}

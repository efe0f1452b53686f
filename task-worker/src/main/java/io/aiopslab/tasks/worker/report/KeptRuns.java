package io.aiopslab.tasks.worker.report;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs of which the broker has everything, oldest first, until the database has it too. Bounded:
 * the oldest is given up when there are too many, or when what was not sent yet needs the room.
 */
final class KeptRuns implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KeptRuns.class);

  /** A process that starts opens them all. */
  private static final int MOST_RUNS = 2_000;

  private static final int MOST_AT_ONCE = 500;
  private static final long MOST_BYTES_AT_ONCE = 64L * 1024 * 1024;

  private final Map<UUID, KeptRun> runs = new LinkedHashMap<>();
  private final Counter givenUp;
  private long bytes;
  private boolean told;

  KeptRuns(MeterRegistry meters) {
    this.givenUp = meters.counter("aiopslab.worker.spool.given.up");
    meters.gauge("aiopslab.worker.spool.kept.runs", this, KeptRuns::count);
    meters.gauge("aiopslab.worker.spool.kept.bytes", this, KeptRuns::bytes);
  }

  synchronized void add(SpoolFile file) {
    runs.put(file.session(), new KeptRun(file));
    bytes += file.size();
    if (runs.size() > MOST_RUNS) {
      giveUpOldest();
    }
  }

  /**
   * Those to ask the database about now: as many as one query answers quickly, of which the lines
   * of a log cost most.
   */
  synchronized List<KeptRun> due() {
    List<KeptRun> due = new ArrayList<>();
    long taken = 0;
    for (KeptRun run : runs.values()) {
      if (run.isDue()) {
        taken += run.file().size();
        if (due.size() >= MOST_AT_ONCE || (taken > MOST_BYTES_AT_ONCE && !due.isEmpty())) {
          break;
        }
        due.add(run);
      }
    }
    return due;
  }

  /**
   * @return false if it was given up meanwhile
   */
  synchronized boolean take(KeptRun run) {
    boolean taken = runs.remove(run.file().session(), run);
    bytes -= taken ? run.file().size() : 0;
    told &= !runs.isEmpty();
    return taken;
  }

  /**
   * @return whether there was any
   */
  synchronized boolean giveUpOldest() {
    if (runs.isEmpty()) {
      return false;
    }
    KeptRun oldest = runs.values().iterator().next();
    countGivenUp();
    release(oldest);
    return true;
  }

  synchronized void countGivenUp() {
    givenUp.increment();
    if (!told) {
      log.warn(
          "Events that RabbitMQ has confirmed are given up before they are known to be stored, as the"
              + " spool has no room. See that collectors run, or raise"
              + " aiopslab.worker.spool-max-size");
    }
    told = true;
  }

  /** Nothing of it is needed any more. */
  void release(KeptRun run) {
    if (!take(run)) {
      return;
    }
    try {
      run.file().delete();
    } catch (IOException e) {
      log.warn(
          "{} is not needed any more and cannot be deleted ({}); delete it",
          run.file().path(),
          e.toString());
    }
  }

  synchronized int count() {
    return runs.size();
  }

  synchronized long bytes() {
    return bytes;
  }

  @Override
  public synchronized void close() throws IOException {
    for (KeptRun run : runs.values()) {
      run.file().close();
    }
  }
}

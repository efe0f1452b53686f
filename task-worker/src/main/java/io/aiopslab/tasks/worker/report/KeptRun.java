package io.aiopslab.tasks.worker.report;

import java.time.Duration;

/** A run of which the broker has everything, and the database perhaps not yet. */
final class KeptRun {
  static final Duration FIRST_LOOK = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final SpoolFile file;
  private final long sentNanos;
  private long lookNanos;

  KeptRun(SpoolFile file) {
    this.file = file;
    this.sentNanos = System.nanoTime();
    this.lookNanos = sentNanos + FIRST_LOOK.toNanos();
  }

  SpoolFile file() {
    return file;
  }

  /** Whether the database is to be asked now. */
  synchronized boolean isDue() {
    return System.nanoTime() - lookNanos >= 0;
  }

  /** The next look comes after as long again as the run has been kept, up to half a minute. */
  synchronized void lookLater() {
    long pause = Math.max(FIRST_LOOK.toNanos(), System.nanoTime() - sentNanos);
    lookNanos = System.nanoTime() + Math.min(pause, LONGEST_PAUSE.toNanos());
  }

  boolean isKeptFor(Duration patience) {
    return System.nanoTime() - sentNanos >= patience.toNanos();
  }
}

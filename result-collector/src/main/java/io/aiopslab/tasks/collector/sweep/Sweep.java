package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.store.Outages;
import org.slf4j.Logger;

/** One round of something that is done again soon anyway. */
final class Sweep {
  private Sweep() {}

  /** Does it; without a database, says so in one line. */
  static void throughOutages(Logger log, Runnable sweep) {
    try {
      sweep.run();
    } catch (RuntimeException e) {
      if (!Outages.isOutage(e)) {
        throw e;
      }
      log.warn("The database is away, sweeping later: {}", e.getMessage());
    }
  }
}

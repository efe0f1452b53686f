package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.store.TaskLogs;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.springframework.stereotype.Component;

/** Sees to it that this month's and next month's log lines have a partition: daily. */
@Component
final class LogPartitionKeeper {
  private static final Duration INTERVAL = Duration.ofDays(1);

  private final TaskLogs logs;
  private final InstantSource clock;
  private final Instant[] due = {Instant.MIN, Instant.MIN};

  LogPartitionKeeper(TaskLogs logs, InstantSource clock) {
    this.logs = logs;
    this.clock = clock;
  }

  /**
   * Asks for each of the two once a day, and again until it is there; next month's first, as
   * nothing can stand in its way yet. One that cannot be made keeps the other from nothing.
   *
   * @throws RuntimeException of one that could not be made
   */
  synchronized void runOnce() {
    try {
      ensure(1);
    } finally {
      ensure(0);
    }
  }

  private void ensure(int monthsAhead) {
    Instant now = clock.instant();
    if (!now.isBefore(due[monthsAhead])) {
      logs.ensurePartition(monthsAhead);
      due[monthsAhead] = now.plus(INTERVAL);
    }
  }
}

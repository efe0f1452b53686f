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
  private Instant due = Instant.MIN;

  LogPartitionKeeper(TaskLogs logs, InstantSource clock) {
    this.logs = logs;
    this.clock = clock;
  }

  /** Does nothing until a day has passed since it last succeeded. */
  synchronized void runOnce() {
    Instant now = clock.instant();
    if (!now.isBefore(due)) {
      logs.ensurePartition(1); // the one that can wait least: its lines have not come yet
      logs.ensurePartition(0);
      due = now.plus(INTERVAL);
    }
  }
}

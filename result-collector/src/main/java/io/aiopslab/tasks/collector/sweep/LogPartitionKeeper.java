package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.store.TaskLogs;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Has next month's partition of the log table ready long before it is needed. */
@Component
class LogPartitionKeeper {
  private static final Logger log = LoggerFactory.getLogger(LogPartitionKeeper.class);

  private final TaskLogs logs;

  LogPartitionKeeper(TaskLogs logs) {
    this.logs = logs;
  }

  @Scheduled(fixedDelay = 12, timeUnit = TimeUnit.HOURS)
  void run() {
    Sweep.throughOutages(log, logs::ensurePartitions);
  }
}

package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.trace.LogKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Fails the runs that are past their deadline and whose worker did not say so. */
@Component
final class OverdueTaskSweeper {
  private static final Logger log = LoggerFactory.getLogger(OverdueTaskSweeper.class);

  private final TaskEndings endings;
  private final CollectorSettings settings;
  private final Counter failed;

  OverdueTaskSweeper(TaskEndings endings, CollectorSettings settings, MeterRegistry meters) {
    this.endings = endings;
    this.settings = settings;
    this.failed = meters.counter("aiopslab.collector.swept", "reason", "timeout");
  }

  /**
   * @return ids of the tasks that it failed
   */
  List<UUID> runOnce() {
    List<UUID> ids = endings.failOverdue(settings.overdueGrace());
    for (UUID id : ids) {
      try (var named = LogKeys.task(id)) {
        log.warn(
            "Task {} failed (timeout): its worker reported no end within {} after the deadline."
                + " Look at that worker, whether the run still goes on; then submit the task again",
            id,
            settings.overdueGrace());
      }
    }
    failed.increment(ids.size());
    return ids;
  }
}

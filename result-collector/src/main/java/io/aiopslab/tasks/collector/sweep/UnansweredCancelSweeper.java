package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.trace.LogKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Ends the cancelled runs whose worker never said that they have ended. */
@Component
final class UnansweredCancelSweeper {
  private static final Logger log = LoggerFactory.getLogger(UnansweredCancelSweeper.class);

  private final TaskCancels cancels;
  private final CollectorSettings settings;
  private final Counter ended;

  UnansweredCancelSweeper(TaskCancels cancels, CollectorSettings settings, MeterRegistry meters) {
    this.cancels = cancels;
    this.settings = settings;
    this.ended = meters.counter("aiopslab.collector.swept", "reason", "cancelled_unconfirmed");
  }

  /**
   * @return ids of the tasks that it ended
   */
  List<UUID> runOnce() {
    List<UUID> ids = cancels.endUnanswered(settings.cancelGrace());
    for (UUID id : ids) {
      try (var named = LogKeys.task(id)) {
        log.warn(
            "Task {} is cancelled without its worker's word (cancelled_unconfirmed): it reported no"
                + " end within {} after the request. Look at that worker, whether the run still goes"
                + " on",
            id,
            settings.cancelGrace());
      }
    }
    ended.increment(ids.size());
    return ids;
  }
}

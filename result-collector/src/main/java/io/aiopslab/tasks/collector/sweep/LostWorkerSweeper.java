package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.store.HeartbeatTrust;
import io.aiopslab.tasks.store.SchemaGate;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.trace.LogKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Fails the tasks of workers that fell silent or came back without them. */
@Component
final class LostWorkerSweeper {
  private static final Logger log = LoggerFactory.getLogger(LostWorkerSweeper.class);

  private final SchemaGate database;
  private final TaskEndings endings;
  private final CollectorSettings settings;
  private final HeartbeatTrust trust;
  private final Counter failed;

  LostWorkerSweeper(
      SchemaGate database,
      TaskEndings endings,
      CollectorSettings settings,
      InstantSource clock,
      MeterRegistry meters) {
    this.database = database;
    this.endings = endings;
    this.settings = settings;
    this.trust =
        new HeartbeatTrust(
            clock, settings.sweepInterval().multipliedBy(3), settings.lostWorkerAfter());
    this.failed = meters.counter("aiopslab.collector.swept", "reason", "worker_lost");
  }

  /**
   * Fails nobody while the heartbeats cannot be trusted.
   *
   * @return ids of the tasks that it failed
   */
  List<UUID> runOnce() {
    if (!database.isOpen() || !trust.afterContact()) {
      return List.of();
    }
    List<UUID> ids = endings.failLost(settings.lostWorkerAfter(), settings.settle());
    for (UUID id : ids) {
      try (var named = LogKeys.task(id)) {
        log.warn(
            "Task {} failed (worker_lost): its worker sent no heartbeat for {} or restarted without"
                + " it. Check that worker's host and process; then submit the task again",
            id,
            settings.lostWorkerAfter());
      }
    }
    failed.increment(ids.size());
    return ids;
  }
}

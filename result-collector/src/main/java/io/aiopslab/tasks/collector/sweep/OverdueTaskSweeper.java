package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.store.TaskEndings;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Fails the tasks whose deadline has passed and whose worker did not end them. */
@Component
class OverdueTaskSweeper {
  private static final Logger log = LoggerFactory.getLogger(OverdueTaskSweeper.class);

  private final TaskEndings endings;
  private final CollectorSettings settings;
  private final MeterRegistry meters;

  OverdueTaskSweeper(TaskEndings endings, CollectorSettings settings, MeterRegistry meters) {
    this.endings = endings;
    this.settings = settings;
    this.meters = meters;
  }

  @Scheduled(fixedDelayString = "${aiopslab.collector.sweep-interval}")
  void run() {
    Sweep.throughOutages(log, this::runOnce);
  }

  /**
   * @return ids of the tasks that were failed
   */
  List<UUID> runOnce() {
    List<UUID> failed = endings.failOverdue(settings.overdueGrace());
    for (UUID id : failed) {
      meters.counter("aiopslab.tasks.swept", "reason", "timeout").increment();
      log.warn("Failed task {}: its deadline passed and its worker reported no end", id);
    }
    return failed;
  }
}

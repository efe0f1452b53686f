package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.store.DatabaseClock;
import io.aiopslab.tasks.store.TaskEndings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Fails the tasks of workers that are gone. After a gap in its own rounds it waits until every
 * living worker has had the time for a heartbeat: an outage of the database makes all of them look
 * dead.
 */
@Component
class LostWorkerSweeper {
  private static final Logger log = LoggerFactory.getLogger(LostWorkerSweeper.class);

  private final TaskEndings endings;
  private final DatabaseClock clock;
  private final CollectorSettings settings;
  private final MeterRegistry meters;
  private Instant lastRound = Instant.MIN;
  private Instant trustFrom = Instant.MAX;

  LostWorkerSweeper(
      TaskEndings endings, DatabaseClock clock, CollectorSettings settings, MeterRegistry meters) {
    this.endings = endings;
    this.clock = clock;
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
    if (!heartbeatsCanBeTrusted(clock.now())) {
      return List.of();
    }
    List<UUID> failed =
        endings.failLost(settings.lostWorkerAfter(), settings.restartedWorkerSettle());
    for (UUID id : failed) {
      meters.counter("aiopslab.tasks.swept", "reason", "worker_lost").increment();
      log.warn("Failed task {}: its worker is gone", id);
    }
    return failed;
  }

  private boolean heartbeatsCanBeTrusted(Instant now) {
    Duration longestGap = settings.sweepInterval().multipliedBy(3);
    if (lastRound.equals(Instant.MIN) || lastRound.plus(longestGap).isBefore(now)) {
      trustFrom = now.plus(settings.lostWorkerAfter());
    }
    lastRound = now;
    return !now.isBefore(trustFrom);
  }
}

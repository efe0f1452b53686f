package io.aiopslab.tasks.worker.report;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Out of service while events cannot be kept, as no task is claimed then. */
@Component("spool")
class SpoolHealth implements HealthIndicator {
  private final EventSpool spool;

  SpoolHealth(EventSpool spool) {
    this.spool = spool;
  }

  @Override
  public Health health() {
    String trouble = spool.trouble();
    Health.Builder health =
        trouble == null ? Health.up() : Health.outOfService().withDetail("reason", trouble);
    return health.withDetail("bytes", spool.bytes()).build();
  }
}

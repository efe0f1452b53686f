package io.aiopslab.tasks.store;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Whether the database answers and has the schema that this build needs. In the place of Spring's
 * own indicator, which does not say what to do.
 */
@Component("db")
final class DatabaseHealth implements HealthIndicator {
  private final SchemaGate schema;

  DatabaseHealth(SchemaGate schema) {
    this.schema = schema;
  }

  @Override
  public Health health() {
    SchemaGate.Sight sight = schema.look();
    return switch (sight) {
      case CURRENT -> Health.up().build();
      case OLDER, FORBIDDEN -> Health.outOfService().withDetail("reason", sight.advice()).build();
      case NONE -> Health.down().withDetail("reason", sight.advice()).build();
    };
  }
}

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
    return switch (schema.look()) {
      case CURRENT -> Health.up().build();
      case OLDER ->
          Health.outOfService()
              .withDetail(
                  "reason",
                  "the schema is missing or older than this build: start task-api of this version,"
                      + " which migrates it")
              .build();
      case NONE ->
          Health.down()
              .withDetail(
                  "reason",
                  "PostgreSQL does not answer: see that it runs, and that spring.datasource.url,"
                      + " username and password are right; nothing has to be restarted here")
              .build();
    };
  }
}

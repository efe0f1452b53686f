package io.aiopslab.tasks.collector.health;

import io.aiopslab.tasks.store.SchemaGate;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether the schema is the one that this build needs. */
@Component("schema")
final class SchemaHealth implements HealthIndicator {
  private final SchemaGate schema;

  SchemaHealth(SchemaGate schema) {
    this.schema = schema;
  }

  @Override
  public Health health() {
    return schema.isOpen()
        ? Health.up().build()
        : Health.outOfService()
            .withDetail("reason", "the schema is missing or older than this build: start task-api")
            .build();
  }
}

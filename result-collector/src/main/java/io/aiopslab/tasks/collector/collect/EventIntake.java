package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.store.SchemaGate;
import java.time.Duration;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Consumes from the moment the schema is there; stops with its last batch acknowledged. */
@Component("events")
final class EventIntake implements HealthIndicator {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final BatchSafekeeping safekeeping;
  private final SimpleMessageListenerContainer container;

  EventIntake(
      SchemaGate schema,
      BatchSafekeeping safekeeping,
      SimpleMessageListenerContainer container,
      Loops loops) {
    this.safekeeping = safekeeping;
    this.container = container;
    safekeeping.start();
    loops
        .loop("event-intake")
        .after(schema::await)
        .every(INTERVAL)
        .saying("Events cannot be taken now; they wait at the broker")
        .lastly(this::end)
        .run(this::begin);
  }

  /** Again should it have ended by itself. */
  private void begin() {
    if (!container.isRunning()) {
      container.start();
    }
  }

  private void end() {
    safekeeping.stop();
    container.stop();
  }

  /** A broker that is away is no reason to call the collector ill: shown, never fatal. */
  @Override
  public Health health() {
    if (container.getActiveConsumerCount() > 0) {
      return Health.up().build();
    }
    String reason =
        container.isRunning()
            ? "RabbitMQ cannot be reached: see that it runs, and that spring.rabbitmq.host, port,"
                + " username and password are right; events wait with the workers meanwhile"
            : "waits for the database: see component db";
    return Health.unknown().withDetail("reason", reason).build();
  }
}

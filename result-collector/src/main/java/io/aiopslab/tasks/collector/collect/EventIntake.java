package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.store.SchemaGate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Consumes from the moment the schema is there; stops with its last batch acknowledged. */
@Component("events")
final class EventIntake implements SmartLifecycle, HealthIndicator {
  private static final Logger log = LoggerFactory.getLogger(EventIntake.class);

  private final SchemaGate schema;
  private final BatchSafekeeping safekeeping;
  private final SimpleMessageListenerContainer container;
  private @Nullable Thread opening;

  EventIntake(
      SchemaGate schema, BatchSafekeeping safekeeping, SimpleMessageListenerContainer container) {
    this.schema = schema;
    this.safekeeping = safekeeping;
    this.container = container;
  }

  @Override
  public synchronized void start() {
    safekeeping.start();
    Thread thread = new Thread(this::open, "event-intake");
    thread.setDaemon(true);
    thread.start();
    opening = thread;
  }

  private void open() {
    try {
      schema.await();
      while (!hasStarted()) {
        Thread.sleep(1000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasStarted() {
    try {
      container.start();
      return true;
    } catch (RuntimeException | Error e) {
      log.error("Events cannot be taken; trying again", e);
      return false;
    }
  }

  @Override
  public synchronized void stop() {
    Thread thread = opening;
    opening = null;
    safekeeping.stop();
    if (thread != null) {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    container.stop();
  }

  @Override
  public synchronized boolean isRunning() {
    return opening != null;
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

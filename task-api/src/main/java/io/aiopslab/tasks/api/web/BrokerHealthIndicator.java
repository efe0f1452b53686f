package io.aiopslab.tasks.api.web;

import com.rabbitmq.client.ShutdownSignalException;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionBlockedEvent;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.amqp.rabbit.connection.ConnectionUnblockedEvent;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Shows what is known of RabbitMQ, without asking it: a broker that hangs must not hang the health
 * check. Never DOWN, because without a broker tasks are still accepted, run and finished.
 */
@Component
class BrokerHealthIndicator implements HealthIndicator, ConnectionListener {
  private enum State {
    NOT_CONNECTED_YET("no ticket has been sent yet"),
    CONNECTED("connected"),
    BLOCKED("the broker has blocked publishing: look at its memory and disk alarms"),
    UNREACHABLE(
        "unreachable: see that it runs, and that spring.rabbitmq.host, port, username and password are"
            + " right; tasks are accepted meanwhile, and workers find them by polling");

    private final String words;

    State(String words) {
      this.words = words;
    }
  }

  private volatile State state = State.NOT_CONNECTED_YET;

  BrokerHealthIndicator(ConnectionFactory connections) {
    connections.addConnectionListener(this);
  }

  @Override
  public Health health() {
    State now = state;
    Health.Builder health = now == State.CONNECTED ? Health.up() : Health.unknown();
    return health.withDetail("rabbitmq", now.words).build();
  }

  @Override
  public void onCreate(@Nullable Connection connection) {
    state = State.CONNECTED;
  }

  @Override
  public void onShutDown(ShutdownSignalException signal) {
    state = State.UNREACHABLE;
  }

  @Override
  public void onFailed(Exception exception) {
    state = State.UNREACHABLE;
  }

  @EventListener(ConnectionBlockedEvent.class)
  void onBlocked() {
    state = State.BLOCKED;
  }

  @EventListener(ConnectionUnblockedEvent.class)
  void onUnblocked() {
    state = State.CONNECTED;
  }
}

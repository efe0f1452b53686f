package io.aiopslab.tasks.api.cancel;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.store.TaskCancels.Order;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.stereotype.Component;

/** Publishes the commands that end runs. One thread at a time. */
@Component
class SendCancels {
  private final ConfirmedPublisher publisher;
  private final Counter published;
  private final Counter unconfirmed;

  SendCancels(ConnectionFactory connections, CancelSettings settings, MeterRegistry metrics) {
    // Not the connection of consumers: an alarm at the broker blocks connections that publish.
    this.publisher =
        new ConfirmedPublisher(
            Objects.requireNonNullElse(connections.getPublisherConnectionFactory(), connections),
            settings.confirmTimeout());
    this.published =
        Counter.builder("aiopslab.cancels.published")
            .description("Commands that the broker has confirmed")
            .register(metrics);
    this.unconfirmed =
        Counter.builder("aiopslab.cancels.unconfirmed")
            .description("Tries after which the broker had not confirmed a command")
            .register(metrics);
  }

  /**
   * What the broker does not confirm is left to the sweep.
   *
   * @throws BrokerUnavailableException if the broker has confirmed none of them
   */
  void send(List<Order> orders) {
    Set<Order> each = new LinkedHashSet<>(orders);
    if (each.isEmpty()) {
      return;
    }
    int arrived = 0;
    try {
      arrived = publisher.publish(each.stream().map(SendCancels::message).toList()).size();
    } finally {
      published.increment(arrived);
      unconfirmed.increment(each.size() - arrived);
    }
  }

  private static Outgoing message(Order order) {
    ClusterCommand command = ClusterCommand.cancel(order.taskId(), order.sessionId());
    return new Outgoing(
        Topology.commands(order.workerId()), command.messageId(), command.toBytes());
  }

  void close() {
    publisher.close();
  }
}

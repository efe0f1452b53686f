package io.aiopslab.tasks.api.deadletters;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.store.DeadLetterRequeues;
import io.aiopslab.tasks.store.DeadLetterRequeues.Order;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.stereotype.Component;

/**
 * Publishes dead letters as they came, one at a time: several may have the same message id, and the
 * broker names no other when it returns one.
 */
@Component
class SendLetters {
  private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LEASE = Duration.ofSeconds(15);

  private final DeadLetterRequeues requeues;
  private final ConfirmedPublisher publisher;
  private final Counter published;

  SendLetters(ConnectionFactory connections, DeadLetterRequeues requeues, MeterRegistry metrics) {
    this.requeues = requeues;
    // Not the connection of consumers: an alarm at the broker blocks connections that publish.
    this.publisher =
        new ConfirmedPublisher(
            Objects.requireNonNullElse(connections.getPublisherConnectionFactory(), connections),
            CONFIRM_TIMEOUT);
    this.published =
        Counter.builder("aiopslab.dead.letters.requeued")
            .description("Dead letters that were sent again and that the broker has confirmed")
            .register(metrics);
  }

  /**
   * @return whether there was one to send
   * @throws BrokerUnavailableException if the broker does not take it; it is tried again later
   */
  boolean sendNext() {
    Optional<Order> next = requeues.take(LEASE);
    next.ifPresent(this::send);
    return next.isPresent();
  }

  private void send(Order letter) {
    Outgoing message =
        new Outgoing(
            Topology.events(letter.routingKey()),
            Objects.requireNonNullElse(letter.messageId(), ""),
            letter.body());
    if (publisher.publish(List.of(message)).isEmpty()) {
      throw new BrokerUnavailableException(
          "the broker confirms nothing", new IllegalStateException("no confirm"));
    }
    requeues.markSent(letter);
    published.increment();
  }

  void close() {
    publisher.close();
  }
}

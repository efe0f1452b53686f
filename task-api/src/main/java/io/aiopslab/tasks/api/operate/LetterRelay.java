package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.loop.Loop;
import io.aiopslab.tasks.loop.Loops;
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
 * Sends dead letters again as they came, off the threads of requests. The table is the memory: what
 * is asked for is sent when the broker is back. One at a time: several may have the same message
 * id, and the broker names no other when it returns one.
 */
@Component
class LetterRelay {
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LEASE = Duration.ofSeconds(15);

  private final DeadLetterRequeues requeues;
  private final ConfirmedPublisher publisher;
  private final Counter published;
  private final Loop loop;

  LetterRelay(
      DeadLetterRequeues requeues,
      ConnectionFactory connections,
      Loops loops,
      MeterRegistry meters) {
    this.requeues = requeues;
    this.publisher = ConfirmedPublisher.apart(connections, CONFIRM_TIMEOUT);
    this.published =
        Counter.builder("aiopslab.dead.letters.requeued")
            .description("Dead letters that were sent again and that the broker has confirmed")
            .register(meters);
    this.loop =
        loops
            .loop("letter-relay")
            .every(LOOK)
            .saying(
                "Dead letters cannot be sent again now and will be tried on. See that the broker"
                    + " runs, and that infra/postgres/roles.sql was run after the upgrade")
            .lastly(publisher::close)
            .repeat(this::sendNext);
  }

  /** Has it look now. */
  void wake() {
    loop.wake();
  }

  /**
   * @return whether there was one to send
   */
  private boolean sendNext() {
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
      throw new BrokerUnavailableException("the broker confirms nothing");
    }
    requeues.markSent(letter);
    published.increment();
  }
}

package io.aiopslab.tasks.api.dispatch;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.failpoint.Failpoint;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.metrics.Buckets;
import io.aiopslab.tasks.store.Tickets;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.stereotype.Component;

/** Publishes a batch of tickets and notes which of them the broker has. One thread at a time. */
@Component
class SendTickets {
  private final ConfirmedPublisher publisher;
  private final Tickets tickets;
  private final Timer batches;
  private final Counter published;
  private final Counter unconfirmed;

  SendTickets(
      ConnectionFactory connections,
      RelaySettings settings,
      Tickets tickets,
      MeterRegistry metrics) {
    // A connection of its own: an alarm at the broker blocks connections that publish.
    this.publisher =
        new ConfirmedPublisher(
            Objects.requireNonNullElse(connections.getPublisherConnectionFactory(), connections),
            settings.confirmTimeout());
    this.tickets = tickets;
    this.batches =
        Timer.builder("aiopslab.tickets.batch")
            .description("Publishing a batch of tickets until the broker has confirmed it")
            .serviceLevelObjectives(Buckets.latency())
            .register(metrics);
    this.published =
        Counter.builder("aiopslab.tickets.published")
            .description("Tickets that the broker has confirmed")
            .register(metrics);
    this.unconfirmed =
        Counter.builder("aiopslab.tickets.unconfirmed")
            .description("Tries after which the broker had not confirmed a ticket")
            .register(metrics);
  }

  /**
   * @throws BrokerUnavailableException if the broker has confirmed none of them
   * @throws org.springframework.dao.DataAccessException if it could not be noted; they will be sent
   *     again, which does no harm
   */
  void send(List<Ticket> batch) {
    if (batch.isEmpty()) {
      return;
    }
    Failpoint.AFTER_COMMIT_BEFORE_PUBLISH.reached();
    Set<String> confirmed = publish(batch);
    List<UUID> arrived =
        batch.stream().map(Ticket::taskId).filter(id -> confirmed.contains(id.toString())).toList();
    if (!arrived.isEmpty()) {
      Failpoint.AFTER_PUBLISH_BEFORE_MARK.reached();
      tickets.markPublished(arrived);
    }
  }

  private Set<String> publish(List<Ticket> batch) {
    Timer.Sample sample = Timer.start();
    int arrived = 0;
    try {
      Set<String> confirmed = publisher.publish(batch.stream().map(SendTickets::message).toList());
      arrived = confirmed.size();
      if (confirmed.isEmpty()) {
        throw new BrokerUnavailableException(
            "the broker confirms nothing", new IllegalStateException("no confirms"));
      }
      return confirmed;
    } finally {
      sample.stop(batches);
      published.increment(arrived);
      unconfirmed.increment(batch.size() - arrived);
    }
  }

  private static Outgoing message(Ticket ticket) {
    return new Outgoing(
        Topology.tickets(ticket.backendType()),
        ticket.taskId().toString(),
        Json.mapper().writeValueAsBytes(ticket),
        ticket.trace());
  }

  void close() {
    publisher.close();
  }
}

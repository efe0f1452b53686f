package io.aiopslab.tasks.api.relay;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.failpoint.Failpoint;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.metrics.Buckets;
import io.aiopslab.tasks.store.Tickets;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.stereotype.Component;

/**
 * Sends the tickets of tasks that were just committed. A ticket is a hint, and nobody keeps a list
 * of those that have arrived: after a start, a failure or an overflow, so many are sent for each
 * backend as wait for it and are not at the broker. What is missed all the same is found by the
 * workers' next poll.
 */
@Component
public class TicketRelay {
  private static final int MOST_BACKENDS = 10_000;

  private final Tickets tickets;
  private final ConnectionFactory connections;
  private final ConfirmedPublisher publisher;
  private final RelaySettings settings;
  private final Relay<Ticket> relay;
  private final Timer batches;
  private final Counter published;
  private final Counter unconfirmed;
  private final Counter swept;
  private volatile boolean someAreMissing = true;

  TicketRelay(
      Tickets tickets,
      ConnectionFactory connections,
      RelaySettings settings,
      Loops loops,
      MeterRegistry meters) {
    this.tickets = tickets;
    this.connections = connections;
    this.publisher = ConfirmedPublisher.apart(connections, settings.confirmTimeout());
    this.settings = settings;
    this.relay =
        new Relay<>(
            loops
                .loop("ticket-relay")
                .pausing(settings.firstPause(), settings.longestPause())
                .saying("Tickets cannot be sent now; workers find their tasks by polling")
                .lastly(publisher::close),
            settings.outboxCapacity(),
            settings.batchSize(),
            this::send,
            new Relay.Sweep(settings.sweepInterval(), this::sendMissing));
    this.batches =
        Timer.builder("aiopslab.tickets.batch")
            .description("Publishing a batch of tickets until the broker has confirmed it")
            .serviceLevelObjectives(Buckets.latency())
            .register(meters);
    this.published = counter(meters, "published", "Tickets that the broker has confirmed");
    this.unconfirmed =
        counter(meters, "unconfirmed", "Tries after which the broker had not confirmed a ticket");
    this.swept = counter(meters, "swept", "Tickets that a sweep found missing at the broker");
    Gauge.builder("aiopslab.tickets.waiting", relay, Relay::size)
        .description("Tickets in memory that wait for the relay")
        .register(meters);
  }

  private static Counter counter(MeterRegistry meters, String what, String description) {
    return Counter.builder("aiopslab.tickets." + what).description(description).register(meters);
  }

  /** Never waits. To be called after the commit. */
  public void offer(Ticket ticket) {
    if (!relay.offer(ticket)) {
      someAreMissing = true;
    }
  }

  private void send(List<Ticket> batch) {
    Failpoint.AFTER_COMMIT_BEFORE_PUBLISH.reached();
    Timer.Sample sample = Timer.start();
    int arrived = 0;
    try {
      arrived = publisher.publish(batch.stream().map(TicketRelay::message).toList()).size();
      if (arrived == 0) {
        throw new BrokerUnavailableException("the broker confirms nothing");
      }
    } finally {
      sample.stop(batches);
      published.increment(arrived);
      unconfirmed.increment(batch.size() - arrived);
      if (arrived < batch.size()) {
        someAreMissing = true;
      }
    }
  }

  private static Outgoing message(Ticket ticket) {
    return new Outgoing(
        Topology.tickets(ticket.backendType()),
        ticket.taskId().toString(),
        Json.mapper().writeValueAsBytes(ticket),
        ticket.trace());
  }

  private boolean sendMissing() throws IOException {
    if (someAreMissing) {
      someAreMissing = false;
      try (TicketQueues queues = new TicketQueues(connections)) {
        for (String backendType : tickets.backendsThatWait(MOST_BACKENDS)) {
          sendMissing(backendType, queues);
        }
      } catch (IOException | RuntimeException | Error e) {
        someAreMissing = true;
        throw e;
      }
    }
    return false;
  }

  private void sendMissing(String backendType, TicketQueues queues) throws IOException {
    int depth = queues.depth(backendType);
    if (depth < settings.resendLimit()) {
      List<Ticket> waiting = tickets.oldest(backendType, settings.resendLimit());
      List<Ticket> missing = waiting.subList(Math.min(depth, waiting.size()), waiting.size());
      swept.increment(missing.size());
      for (List<Ticket> batch : batches(missing)) {
        send(batch);
      }
    }
  }

  private List<List<Ticket>> batches(List<Ticket> all) {
    int size = settings.batchSize();
    return IntStream.range(0, (all.size() + size - 1) / size)
        .mapToObj(n -> all.subList(n * size, Math.min(all.size(), (n + 1) * size)))
        .toList();
  }
}

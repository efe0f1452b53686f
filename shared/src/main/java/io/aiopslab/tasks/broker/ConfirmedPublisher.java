package io.aiopslab.tasks.broker;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import io.aiopslab.tasks.task.TraceParent;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;

/**
 * Publishes batches and says which messages are safely in a queue. Every message is persistent,
 * mandatory and confirmed. A message that is not in the answer is <em>unknown</em>: it may or may
 * not have arrived, and has to be sent again under the same id.
 *
 * <p>A message that the broker returns or refuses has its queue declared and is sent once more, so
 * a queue that an operator deleted, or a broker that was wiped, mends itself.
 *
 * <p>Not for threads that somebody waits for: a broker under a memory alarm blocks the caller. Used
 * by one thread at a time.
 */
public final class ConfirmedPublisher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfirmedPublisher.class);

  private final ConnectionFactory connections;
  private final Duration confirmTimeout;
  private @Nullable Channel channel;
  private @Nullable Confirms confirms;

  /**
   * @param connections a factory whose connections carry no consumers
   * @param confirmTimeout how long to wait for the broker's answer to a batch
   */
  public ConfirmedPublisher(ConnectionFactory connections, Duration confirmTimeout) {
    this.connections = connections;
    this.confirmTimeout = confirmTimeout;
  }

  /**
   * On the connection that a factory keeps for publishing: an alarm at the broker blocks a
   * connection that publishes, and consumers must not be on it.
   */
  public static ConfirmedPublisher apart(ConnectionFactory connections, Duration confirmTimeout) {
    ConnectionFactory own = connections.getPublisherConnectionFactory();
    return new ConfirmedPublisher(own == null ? connections : own, confirmTimeout);
  }

  /**
   * @return ids of the messages that are in their queues
   * @throws BrokerUnavailableException if nothing is known of any message
   */
  public Set<String> publish(List<Outgoing> batch) {
    Set<String> arrived = new HashSet<>();
    try {
      Answer answer = send(batch);
      arrived.addAll(answer.confirmed());
      List<Outgoing> refused =
          batch.stream().filter(m -> answer.refused().contains(m.messageId())).toList();
      if (!refused.isEmpty()) {
        declare(refused);
        arrived.addAll(send(refused).confirmed());
      }
      return arrived;
    } catch (IOException | AmqpException | com.rabbitmq.client.AlreadyClosedException e) {
      close();
      if (!arrived.isEmpty()) {
        return arrived;
      }
      throw new BrokerUnavailableException("cannot publish: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while publishing", e);
    }
  }

  private Answer send(List<Outgoing> messages) throws IOException, InterruptedException {
    Channel open = channel();
    Confirms waiting = confirms;
    if (waiting == null) {
      throw new IOException("the channel was closed by another thread");
    }
    waiting.begin();
    for (Outgoing message : messages) {
      waiting.expect(open.getNextPublishSeqNo(), message.messageId());
      open.basicPublish(
          message.route().exchange().name(),
          message.route().routingKey(),
          true,
          properties(message),
          message.body());
    }
    Answer answer = waiting.await(confirmTimeout);
    if (!answer.complete()) {
      log.warn(
          "The broker confirmed {} of {} messages within {}; the others will be sent again",
          answer.confirmed().size(),
          messages.size(),
          confirmTimeout);
      close();
    }
    return answer;
  }

  private void declare(List<Outgoing> refused) throws IOException {
    Channel open = channel();
    Set<String> queues = new HashSet<>();
    for (Outgoing message : refused) {
      if (queues.add(message.route().queue())) {
        message.route().declare(open);
        log.info("Declared queue {}", message.route().queue());
      }
    }
  }

  private Channel channel() throws IOException {
    Channel current = channel;
    if (current != null && current.isOpen()) {
      return current;
    }
    close();
    Connection connection = connections.createConnection();
    com.rabbitmq.client.Connection delegate = connection.getDelegate();
    if (delegate == null) {
      throw new IOException("the connection was closed while it was opened");
    }
    Channel opened = delegate.createChannel();
    if (opened == null) {
      throw new IOException("the broker gives no more channels on this connection");
    }
    opened.exchangeDeclare(Topology.TASKS.name(), Topology.TASKS.type(), true);
    opened.exchangeDeclare(Topology.CLUSTERS.name(), Topology.CLUSTERS.type(), true);
    opened.exchangeDeclare(Topology.EVENTS.name(), Topology.EVENTS.type(), true);
    Confirms listener = new Confirms();
    opened.addConfirmListener(listener);
    opened.addReturnListener(listener);
    opened.addShutdownListener(cause -> listener.fail());
    opened.confirmSelect();
    confirms = listener;
    channel = opened;
    return opened;
  }

  private static BasicProperties properties(Outgoing message) {
    return new BasicProperties.Builder()
        .messageId(message.messageId().isEmpty() ? null : message.messageId())
        .contentType("application/json")
        .deliveryMode(2)
        .headers(headers(message.trace()))
        .build();
  }

  private static @Nullable Map<String, Object> headers(@Nullable TraceParent trace) {
    return trace == null ? null : Map.of(TraceParent.HEADER, trace.header());
  }

  @Override
  public void close() {
    Channel open = channel;
    channel = null;
    confirms = null;
    if (open != null) {
      try {
        open.abort();
      } catch (IOException e) {
        log.debug("Closing the publisher's channel", e);
      }
    }
  }

  /**
   * @param refused returned, or not acknowledged
   * @param complete whether the broker answered for every message
   */
  record Answer(Set<String> confirmed, Set<String> refused, boolean complete) {}
}

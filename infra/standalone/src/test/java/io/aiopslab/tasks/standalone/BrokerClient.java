package io.aiopslab.tasks.standalone;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Route;
import io.aiopslab.tasks.broker.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.Connection;

/** The RabbitMQ client, as the services use it. */
final class BrokerClient implements AutoCloseable {
  static final Route TICKETS = Topology.tickets("default");

  private final CachingConnectionFactory connections;
  private final ConfirmedPublisher publisher;

  BrokerClient(EmbeddedBroker broker) {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("localhost");
    factory.setPort(broker.port());
    factory.setUsername(broker.username());
    factory.setPassword(broker.password());
    factory.setAutomaticRecoveryEnabled(false);
    connections = new CachingConnectionFactory(factory);
    publisher = new ConfirmedPublisher(connections, Duration.ofSeconds(20));
  }

  static List<Outgoing> tickets(String prefix, int howMany) {
    return IntStream.range(0, howMany)
        .mapToObj(i -> new Outgoing(TICKETS, prefix + "-" + i, new byte[100]))
        .toList();
  }

  Set<String> publish(List<Outgoing> batch) {
    return publisher.publish(batch);
  }

  Channel channel() {
    Connection connection = connections.createConnection();
    return connection.createChannel(false);
  }

  /** Ids of all messages in the queue of tickets, which is empty afterwards. */
  List<String> takeAll() {
    List<String> ids = new ArrayList<>();
    Channel channel = channel();
    try {
      for (GetResponse next = channel.basicGet(TICKETS.queue(), true);
          next != null;
          next = channel.basicGet(TICKETS.queue(), true)) {
        ids.add(next.getProps().getMessageId());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ids;
  }

  @Override
  public void close() {
    publisher.close();
    connections.destroy();
  }
}

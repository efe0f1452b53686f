package io.aiopslab.tasks.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

class EmbeddedBrokerIT {
  @TempDir Path data;

  @Test
  void confirmedMessagesOutliveTheBroker() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(data)) {
      assertThat(publish(broker, tickets(500))).hasSize(500);
    }
    try (EmbeddedBroker broker = EmbeddedBroker.start(data)) {
      assertThat(waitingTickets(broker)).isEqualTo(500);
    }
  }

  @Test
  void anUnroutableMessageHasItsQueueDeclaredAndArrives() throws Exception {
    Outgoing event =
        new Outgoing(Topology.taskEvents("logs", UUID.randomUUID()), "only", "{}".getBytes(UTF_8));
    try (EmbeddedBroker broker = EmbeddedBroker.start(data);
        Connection connection = client(broker).newConnection();
        Channel channel = connection.createChannel()) {
      assertThat(publish(broker, List.of(event))).containsExactly("only");

      GetResponse taken = channel.basicGet(Topology.EVENTS_QUEUE, false);
      assertThat(taken.getProps().getMessageId()).isEqualTo("only");
      channel.basicNack(taken.getEnvelope().getDeliveryTag(), false, true);
      GetResponse again = channel.basicGet(Topology.EVENTS_QUEUE, false);
      assertThat(again.getEnvelope().isRedeliver()).isTrue();
      channel.basicAck(again.getEnvelope().getDeliveryTag(), false);
      assertThat(channel.messageCount(Topology.EVENTS_QUEUE)).isZero();
    }
  }

  @Test
  void deliversAgainWhatALostConnectionDidNotAcknowledge() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(data)) {
      publish(broker, tickets(1));
      Connection lost = client(broker).newConnection();
      assertThat(lost.createChannel().basicGet("tasks.backend.default", false)).isNotNull();
      lost.abort();

      try (Connection connection = client(broker).newConnection();
          Channel channel = connection.createChannel()) {
        GetResponse again =
            await().until(() -> channel.basicGet("tasks.backend.default", false), Objects::nonNull);
        assertThat(again.getEnvelope().isRedeliver()).isTrue();
      }
    }
  }

  @Test
  void refusesAnyOtherUser() {
    try (EmbeddedBroker broker = EmbeddedBroker.start(data)) {
      ConnectionFactory wrong = client(broker);
      wrong.setPassword("guessed");
      assertThatThrownBy(wrong::newConnection)
          .isInstanceOf(PossibleAuthenticationFailureException.class);
    }
  }

  static List<Outgoing> tickets(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Outgoing(Topology.tickets("default"), "m" + i, new byte[100]))
        .toList();
  }

  static long waitingTickets(EmbeddedBroker broker) throws Exception {
    try (Connection connection = client(broker).newConnection();
        Channel channel = connection.createChannel()) {
      return channel.messageCount("tasks.backend.default");
    }
  }

  static Set<String> publish(EmbeddedBroker broker, List<Outgoing> batch) {
    CachingConnectionFactory connections = new CachingConnectionFactory(client(broker));
    try (ConfirmedPublisher publisher =
        new ConfirmedPublisher(connections, Duration.ofSeconds(20))) {
      return publisher.publish(batch);
    } finally {
      connections.destroy();
    }
  }

  private static ConnectionFactory client(EmbeddedBroker broker) {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.port());
    factory.setUsername(broker.username());
    factory.setPassword(broker.password());
    factory.setAutomaticRecoveryEnabled(false);
    return factory;
  }
}

package io.aiopslab.tasks.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.testing.DistantBroker;
import io.aiopslab.tasks.testing.PrivateBroker;
import io.aiopslab.tasks.testing.TestBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

class ConfirmedPublisherIT {
  private static final Route ROUTE = Topology.tickets("default");

  @Test
  void unroutableMessagesGetTheirQueueAndArrive() throws Exception {
    try (TestBroker broker = TestBroker.create();
        Publishing publishing = new Publishing(broker)) {
      List<Outgoing> first = messages(ROUTE, 100);
      List<Outgoing> other = messages(Topology.tickets("gpu"), 3);
      Set<String> arrived = publishing.publisher.publish(concat(first, other));

      assertThat(arrived).isEqualTo(ids(concat(first, other)));
      assertThat(drain(broker, ROUTE)).containsExactlyInAnyOrderElementsOf(ids(first));
      assertThat(drain(broker, Topology.tickets("gpu")))
          .containsExactlyInAnyOrderElementsOf(ids(other));
    }
  }

  @Test
  void messagesComeInOrderAsTheyWereSent() throws Exception {
    try (TestBroker broker = TestBroker.create();
        Publishing publishing = new Publishing(broker)) {
      publishing.publisher.publish(messages(ROUTE, 1));
      drain(broker, ROUTE);

      List<Outgoing> batch = messages(ROUTE, 500);
      assertThat(publishing.publisher.publish(batch)).isEqualTo(ids(batch));
      assertThat(drain(broker, ROUTE))
          .containsExactlyElementsOf(batch.stream().map(Outgoing::messageId).toList());
    }
  }

  @Test
  void messageIsPersistentJsonUnderItsId() throws Exception {
    try (TestBroker broker = TestBroker.create();
        Publishing publishing = new Publishing(broker);
        Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      Outgoing message = new Outgoing(ROUTE, "id-1", "{}".getBytes(UTF_8));
      assertThat(publishing.publisher.publish(List.of(message))).containsExactly("id-1");

      GetResponse received = channel.basicGet(ROUTE.queue(), true);
      assertThat(received.getBody()).isEqualTo(message.body());
      assertThat(received.getProps().getMessageId()).isEqualTo("id-1");
      assertThat(received.getProps().getDeliveryMode()).isEqualTo(2);
      assertThat(received.getProps().getContentType()).isEqualTo("application/json");
    }
  }

  @Test
  void emptyBatchIsDoneAtOnce() {
    try (TestBroker broker = TestBroker.create();
        Publishing publishing = new Publishing(broker)) {
      assertThat(publishing.publisher.publish(List.of())).isEmpty();
    }
  }

  @Test
  void deletedQueueComesBack() throws Exception {
    try (TestBroker broker = TestBroker.create();
        Publishing publishing = new Publishing(broker);
        Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      publishing.publisher.publish(messages(ROUTE, 1));
      channel.queueDelete(ROUTE.queue());

      List<Outgoing> batch = messages(ROUTE, 2);
      assertThat(publishing.publisher.publish(batch)).isEqualTo(ids(batch));
      assertThat(drain(broker, ROUTE)).containsExactlyInAnyOrderElementsOf(ids(batch));
    }
  }

  @Test
  void samePublisherWorksAgainAfterTheBrokerWasAway() throws Exception {
    try (DistantBroker broker = TestBroker.createDistant();
        Publishing publishing = new Publishing(broker)) {
      publishing.publisher.publish(messages(ROUTE, 1));
      broker.stop();
      List<Outgoing> batch = messages(ROUTE, 10);
      assertThatThrownBy(() -> publishing.publisher.publish(batch))
          .isInstanceOf(BrokerUnavailableException.class);
      assertThatThrownBy(() -> publishing.publisher.publish(batch))
          .isInstanceOf(BrokerUnavailableException.class);

      broker.wipe();
      broker.start();
      assertThat(publishing.publisher.publish(batch)).isEqualTo(ids(batch));
      assertThat(drain(broker, ROUTE)).containsExactlyInAnyOrderElementsOf(ids(batch));
    }
  }

  @Test
  void frozenBrokerDoesNotHoldThePublisherForLong() {
    try (DistantBroker broker = TestBroker.createDistant();
        Publishing publishing = new Publishing(broker)) {
      publishing.publisher.publish(messages(ROUTE, 1));
      broker.wire().swallow();
      CompletableFuture<Set<String>> answer =
          CompletableFuture.supplyAsync(() -> publishing.publisher.publish(messages(ROUTE, 10)));
      await().atMost(Duration.ofSeconds(20)).until(answer::isDone);
      if (!answer.isCompletedExceptionally()) {
        assertThat(answer.join()).isEmpty();
      }
      broker.wire().heal();
      List<Outgoing> batch = messages(ROUTE, 10);
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreException(BrokerUnavailableException.class)
          .untilAsserted(
              () -> assertThat(publishing.publisher.publish(batch)).isEqualTo(ids(batch)));
    }
  }

  @Test
  void nothingThatWasConfirmedIsMissingAfterAKill() throws Exception {
    try (PrivateBroker broker = TestBroker.startPrivate();
        Publishing publishing = new Publishing(broker)) {
      publishing.publisher.publish(messages(ROUTE, 1));
      Set<String> confirmed = ConcurrentHashMap.newKeySet();
      AtomicBoolean isUp = new AtomicBoolean(true);
      CompletableFuture<Void> publishes =
          CompletableFuture.runAsync(
              () -> {
                while (isUp.get()) {
                  confirmed.addAll(publishing.publisher.publish(messages(ROUTE, 200)));
                }
              });
      await().until(() -> confirmed.size() > 1_000);
      broker.kill();
      isUp.set(false);
      await().until(publishes::isDone);

      broker.start();
      assertThat(new HashSet<>(drain(broker, ROUTE))).containsAll(confirmed);
      List<Outgoing> more = messages(ROUTE, 5);
      assertThat(publishing.publisher.publish(more)).isEqualTo(ids(more));
    }
  }

  private static List<Outgoing> messages(Route route, int howMany) {
    return IntStream.range(0, howMany)
        .mapToObj(i -> new Outgoing(route, UUID.randomUUID().toString(), new byte[500]))
        .toList();
  }

  private static List<Outgoing> concat(List<Outgoing> one, List<Outgoing> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }

  private static Set<String> ids(List<Outgoing> messages) {
    Set<String> ids = new HashSet<>();
    messages.forEach(message -> ids.add(message.messageId()));
    return ids;
  }

  /** Ids of all messages in the queue, which is empty afterwards. */
  private static List<String> drain(TestBroker broker, Route route) throws Exception {
    List<String> ids = new ArrayList<>();
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      GetResponse next;
      while ((next = channel.basicGet(route.queue(), true)) != null) {
        ids.add(next.getProps().getMessageId());
      }
    }
    return ids;
  }

  /** A publisher on a connection of its own. */
  private static final class Publishing implements AutoCloseable {
    private final CachingConnectionFactory connections;
    final ConfirmedPublisher publisher;

    Publishing(TestBroker broker) {
      com.rabbitmq.client.ConnectionFactory factory = broker.connectionFactory();
      factory.setChannelRpcTimeout(5_000);
      factory.setConnectionTimeout(2_000);
      factory.setHandshakeTimeout(2_000);
      factory.setAutomaticRecoveryEnabled(false);
      connections = new CachingConnectionFactory(factory);
      publisher = new ConfirmedPublisher(connections, Duration.ofSeconds(5));
    }

    @Override
    public void close() {
      publisher.close();
      connections.destroy();
    }
  }
}

package io.aiopslab.tasks.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
  @TempDir Path data;

  @Test
  void confirmedMessagesOutliveTheBroker() {
    try (EmbeddedBroker broker = EmbeddedBroker.start(data);
        BrokerClient client = new BrokerClient(broker)) {
      assertThat(client.publish(BrokerClient.tickets("m", 500))).hasSize(500);
    }
    try (EmbeddedBroker broker = EmbeddedBroker.start(data);
        BrokerClient client = new BrokerClient(broker)) {
      assertThat(client.takeAll()).hasSize(500).doesNotHaveDuplicates();
    }
  }

  @Test
  void confirmedMessagesOutliveAKilledJvm() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HoldsABroker.class.getName(),
                data.toString())
            .redirectError(Redirect.DISCARD)
            .start();
    List<String> confirmed;
    try (BufferedReader lines = jvm.inputReader(UTF_8)) {
      confirmed = lines.lines().filter(line -> line.startsWith("batch-")).limit(1_000).toList();
    } finally {
      jvm.destroyForcibly();
    }
    assertThat(confirmed).hasSize(1_000);
    assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();

    try (EmbeddedBroker broker = EmbeddedBroker.start(data);
        BrokerClient client = new BrokerClient(broker)) {
      assertThat(client.takeAll()).containsAll(confirmed);
    }
  }

  @Test
  void anUnroutableMessageHasItsQueueDeclaredAndArrives() throws Exception {
    Outgoing event =
        new Outgoing(Topology.taskEvents("logs", UUID.randomUUID()), "only", "{}".getBytes(UTF_8));
    try (EmbeddedBroker broker = EmbeddedBroker.start(data);
        BrokerClient client = new BrokerClient(broker)) {
      assertThat(client.publish(List.of(event))).containsExactly("only");
      assertThat(client.channel().messageCount(Topology.EVENTS_QUEUE)).isEqualTo(1);
    }
  }

  @Test
  void anUnroutableMessageComesBack() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(data);
        BrokerClient client = new BrokerClient(broker)) {
      Channel channel = client.channel();
      Queue<String> returned = new ConcurrentLinkedQueue<>();
      channel.addReturnListener(message -> returned.add(message.getProperties().getMessageId()));
      BasicProperties properties =
          MessageProperties.PERSISTENT_BASIC.builder().messageId("lost").build();
      channel.basicPublish("", "no-such-queue", true, properties, new byte[1]);
      await().untilAsserted(() -> assertThat(returned).containsExactly("lost"));
    }
  }

  @Test
  void messagesComeAgainUntilTheyAreAcknowledged() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(data);
        BrokerClient client = new BrokerClient(broker)) {
      client.publish(BrokerClient.tickets("m", 1));
      Channel channel = client.channel();
      GetResponse first = take(channel);
      assertThat(first.getEnvelope().isRedeliver()).isFalse();
      channel.basicNack(first.getEnvelope().getDeliveryTag(), false, true);

      GetResponse second = take(channel);
      assertThat(second.getEnvelope().isRedeliver()).isTrue();
      channel.abort();

      Channel other = client.channel();
      await().until(() -> other.messageCount(BrokerClient.TICKETS.queue()) == 1);
      other.basicAck(take(other).getEnvelope().getDeliveryTag(), false);
      assertThat(client.takeAll()).isEmpty();
    }
  }

  private static GetResponse take(Channel channel) throws IOException {
    return channel.basicGet(BrokerClient.TICKETS.queue(), false);
  }
}

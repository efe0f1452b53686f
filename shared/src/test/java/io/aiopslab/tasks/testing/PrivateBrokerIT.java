package io.aiopslab.tasks.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fixtures")
class PrivateBrokerIT {
  private static PrivateBroker broker;

  @BeforeAll
  static void start() {
    broker = TestBroker.startPrivate();
  }

  @AfterAll
  static void close() {
    broker.close();
  }

  /**
   * The order matters: RabbitMQ confirms a message when it is on disk, but declares a queue before
   * that is, and the end in order is what makes sure of it.
   */
  @Test
  void keepsDurableMessagesThroughStopAndKillUntilWiped() throws Exception {
    publish("work");
    broker.stop();
    broker.start();
    assertThat(messages("work")).isEqualTo(1);

    publish("work");
    long first = broker.pid();
    broker.kill();
    assertThat(ProcessHandle.of(first).flatMap(node -> node.info().command()))
        .as("the program of pid %d; a zombie has none", first)
        .isEmpty();
    assertThatThrownBy(() -> messages("work")).isInstanceOf(IOException.class);
    assertThatThrownBy(broker::kill).isInstanceOf(IllegalStateException.class);

    broker.start();
    assertThatThrownBy(broker::start).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(broker::wipe).isInstanceOf(IllegalStateException.class);
    assertThat(broker.pid()).isNotEqualTo(first);
    assertThat(messages("work")).isEqualTo(2);

    broker.kill();
    broker.wipe();
    broker.start();
    assertThatThrownBy(() -> messages("work")).isInstanceOf(IOException.class);
  }

  @Test
  void answersNothingWhilePaused() throws Exception {
    publish("pause");
    broker.pause();
    assertThatThrownBy(() -> messages("pause")).isInstanceOf(TimeoutException.class);
    broker.resume();
    assertThat(messages("pause")).isEqualTo(1);
  }

  @Test
  void takesNoMessagesUnderAMemoryAlarm() throws Exception {
    broker.memoryAlarm(true);
    assertThatThrownBy(() -> publish("alarm")).isInstanceOf(TimeoutException.class);
    broker.memoryAlarm(false);
    publish("alarm");
    assertThat(messages("alarm")).isPositive();
  }

  private static void publish(String queue) throws Exception {
    Connection connection = broker.connectionFactory().newConnection();
    try {
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      channel.queueDeclare(queue, true, false, false, Map.of());
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, new byte[] {1});
      assertThat(channel.waitForConfirms(5_000)).isTrue();
    } finally {
      connection.abort(1_000); // a broker under an alarm does not answer a close
    }
  }

  private static int messages(String queue) throws Exception {
    ConnectionFactory factory = broker.connectionFactory();
    factory.setConnectionTimeout(2_000);
    factory.setHandshakeTimeout(2_000);
    try (Connection connection = factory.newConnection()) {
      return connection.createChannel().queueDeclarePassive(queue).getMessageCount();
    }
  }
}

package io.aiopslab.tasks.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fixtures")
class SharedBrokerIT {
  @Test
  void confirmsAndDelivers() throws Exception {
    try (TestBroker broker = TestBroker.create();
        Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      channel.queueDeclare("work", true, false, false, Map.of());
      channel.basicPublish("", "work", MessageProperties.PERSISTENT_BASIC, new byte[] {1, 2});
      channel.waitForConfirmsOrDie(10_000);

      GetResponse message = channel.basicGet("work", true);
      assertThat(message).isNotNull();
      assertThat(message.getBody()).containsExactly(1, 2);
    }
  }

  @Test
  void virtualHostsDoNotSeeEachOther() throws Exception {
    try (TestBroker one = TestBroker.create();
        TestBroker other = TestBroker.create()) {
      assertThat(one.port()).isEqualTo(other.port());
      declare(one, "same-name");
      assertThatThrownBy(() -> declarePassively(other, "same-name"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void virtualHostIsGoneAfterClose() throws Exception {
    TestBroker broker = TestBroker.create();
    declare(broker, "work");
    broker.close();
    assertThatThrownBy(() -> broker.connectionFactory().newConnection())
        .isInstanceOf(IOException.class);
  }

  @Test
  void sharedBrokerIsTheSameEveryTime() {
    assertThat(TestBroker.shared()).isSameAs(TestBroker.shared());
  }

  private static void declare(TestBroker broker, String queue) throws Exception {
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.queueDeclare(queue, true, false, false, Map.of());
    }
  }

  private static AMQP.Queue.DeclareOk declarePassively(TestBroker broker, String queue)
      throws Exception {
    try (Connection connection = broker.connectionFactory().newConnection()) {
      return connection.createChannel().queueDeclarePassive(queue);
    }
  }
}

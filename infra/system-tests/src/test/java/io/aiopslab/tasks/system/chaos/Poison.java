package io.aiopslab.tasks.system.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.broker.Route;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.testing.TestBroker;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

/** Messages that no consumer can read. */
final class Poison {
  private static final List<String> BODIES =
      List.of(
          "",
          "null",
          "{",
          "{\"v\": 99}",
          "{\"v\": 1, \"task_id\": 7}",
          "[".repeat(5_000),
          "\u0000\u0001 no text");

  private Poison() {}

  /**
   * Puts some into the queue of events, whose ids it adds, and some into a ticket queue and a
   * command queue, where they mean nothing and have to vanish.
   */
  static void inject(
      TestBroker broker, String backend, String cluster, Random random, Set<String> ids)
      throws IOException, TimeoutException, InterruptedException {
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      for (String body : BODIES) {
        String id = "poison-" + Long.toHexString(random.nextLong());
        ids.add(id);
        publish(channel, Topology.taskEvents("poison", new UUID(0, 0)), id, body);
        publish(channel, Topology.tickets(backend), id, body);
        publish(channel, Topology.commands(cluster), id, body);
      }
      channel.waitForConfirmsOrDie(20_000);
    }
  }

  private static void publish(Channel channel, Route route, String id, String body)
      throws IOException {
    channel.basicPublish(
        route.exchange().name(),
        route.routingKey(),
        new BasicProperties.Builder().messageId(id).deliveryMode(2).build(),
        body.getBytes(UTF_8));
  }
}

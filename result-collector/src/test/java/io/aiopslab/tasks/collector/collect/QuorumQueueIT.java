package io.aiopslab.tasks.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.collector.EventSender;
import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** As in production with three nodes, where an operator makes all queues quorum queues. */
class QuorumQueueIT {

  @Test
  void eventsAreStoredAsFromAnyOtherQueue() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.createWithQuorumQueues();
        RunningCollector collector = RunningCollector.start(database, broker);
        EventSender sender = new EventSender(broker)) {
      assertIsQuorum(broker);
      List<SimulatedRun> runs = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        runs.add(SimulatedRun.claim(collector, "kind-" + i, new Random(i), "http://192.0.2.1/"));
        sender.send(runs.get(i).events());
      }
      collector.awaitAll(sender);
      runs.forEach(run -> run.assertComplete(collector));
      assertThat(collector.deadLetters()).isZero();
      assertThat(sender.ready()).isZero();
    }
  }

  /** RabbitMQ 4 gives up after 20 times unless a policy says otherwise. */
  @Tag("thorough")
  @Test
  void eventsThatWereHandedOutAndGivenBackOftenAreStoredAllTheSame() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.createWithQuorumQueues()) {
      broker.setPolicy("events", documentedPolicy("events"));
      try (EventSender sender = new EventSender(broker)) {
        SimulatedRun run;
        try (RunningCollector collector = RunningCollector.start(database, broker)) {
          run = SimulatedRun.claim(collector, "kind-0", new Random(1), "http://192.0.2.1/");
        }
        sender.send(run.events());
        for (int i = 0; i < 30; i++) {
          takeAndGiveBack(broker);
        }
        try (RunningCollector collector = RunningCollector.start(database, broker)) {
          collector.awaitAll(sender);
          run.assertComplete(collector);
        }
      }
    }
  }

  /** As a collector does that is restarted while its database is away. */
  private static void takeAndGiveBack(TestBroker broker) throws Exception {
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      GetResponse last =
          await().until(() -> channel.basicGet(Topology.EVENTS_QUEUE, false), Objects::nonNull);
      for (GetResponse next = last; next != null; ) {
        last = next;
        next = channel.basicGet(Topology.EVENTS_QUEUE, false);
      }
      channel.basicNack(last.getEnvelope().getDeliveryTag(), true, true);
    }
  }

  private static String documentedPolicy(String name) throws IOException {
    Path definitions = Path.of("../infra/rabbitmq/definitions.json");
    for (JsonNode policy : Json.mapper().readTree(Files.readString(definitions)).path("policies")) {
      if (policy.path("name").asString().equals(name)) {
        return policy.toString();
      }
    }
    throw new IllegalStateException("no policy " + name + " in " + definitions);
  }

  /** To declare it as something else would be refused. */
  private static void assertIsQuorum(TestBroker broker) throws Exception {
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.queueDeclare(
          Topology.EVENTS_QUEUE, true, false, false, Map.of("x-queue-type", "quorum"));
    }
  }
}

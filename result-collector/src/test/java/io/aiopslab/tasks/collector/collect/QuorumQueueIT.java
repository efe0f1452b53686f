package io.aiopslab.tasks.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.collector.EventSender;
import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

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

  /** To declare it as something else would be refused. */
  private static void assertIsQuorum(TestBroker broker) throws Exception {
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.queueDeclare(
          Topology.EVENTS_QUEUE, true, false, false, Map.of("x-queue-type", "quorum"));
    }
  }
}

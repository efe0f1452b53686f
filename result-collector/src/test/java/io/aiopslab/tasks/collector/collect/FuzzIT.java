package io.aiopslab.tasks.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.collector.EventSender;
import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.UnreadableMessageException;
import io.aiopslab.tasks.testing.MangledJson;
import io.aiopslab.tasks.testing.OddMessages;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whoever can reach the broker can send anything. */
class FuzzIT {
  private static final int MESSAGES = 2_000;

  private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final MangledJson mangled = new MangledJson(random);
  private final OddMessages odd = new OddMessages(random);

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Odd(byte[] body, BasicProperties properties) {}

  @Test
  void eachPoisonIsKeptOnceAndWhatIsMixedInIsStored() throws Exception {
    System.out.println("fuzz.seed=" + seed);
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        RunningCollector collector = RunningCollector.start(database, broker);
        EventSender sender = new EventSender(broker)) {
      List<SimulatedRun> runs = new ArrayList<>();
      List<Odd> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        SimulatedRun run = SimulatedRun.claim(collector, "kind-" + i, random);
        runs.add(run);
        run.events().forEach(event -> all.add(new Odd(event.toBytes(), odd.properties())));
      }
      Set<String> unreadable = new HashSet<>();
      Set<String> strangers = new HashSet<>();
      for (int i = 0; i < MESSAGES; i++) {
        Odd one = new Odd(mangled.mangle(aStrangersEvent().toBytes()), odd.properties());
        all.add(one);
        RunEvent event = readOrNull(one.body());
        if (event == null) {
          unreadable.add(one.properties().getMessageId());
        } else {
          strangers.add(event.sessionId() + ":" + event.seq() + ":" + event.taskId());
        }
      }
      Collections.shuffle(all, random);
      for (Odd one : all) {
        sender
            .channel()
            .basicPublish(Topology.EVENTS.name(), "task.odd.1", one.properties(), one.body());
      }
      sender.channel().waitForConfirmsOrDie(60_000);
      collector.awaitAll(sender);

      runs.forEach(run -> run.assertComplete(collector));
      assertThat(
              ids(
                  collector,
                  "SELECT message_id FROM dead_letters WHERE routing_key = 'task.odd.1'"))
          .isEqualTo(unreadable);
      assertThat(collector.count("dead_letters WHERE seen <> 1 OR length(reason) > 1000")).isZero();
      assertThat(
              ids(
                  collector,
                  "SELECT session_id || ':' || seq || ':' || task_id FROM stale_reports"))
          .isEqualTo(strangers);
      assertThat(sender.ready()).isZero();
    }
  }

  @Test
  void deeplyNestedHeadersKillNoConsumer() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        RunningCollector collector = RunningCollector.start(database, broker);
        EventSender sender = new EventSender(broker)) {
      OddMessages.publishDeep(sender.channel(), Topology.EVENTS.name(), "task.deep.1");
      SimulatedRun run = SimulatedRun.claim(collector, "kind-1", random);
      sender.send(run.events());
      collector.awaitAll(sender);
      run.assertComplete(collector);
      assertThat(collector.deadLetters()).isEqualTo(2);
      assertThat(collector.count("dead_letters WHERE seen <> 1")).isZero();
    }
  }

  private RunEvent aStrangersEvent() {
    SimulatedRun run =
        SimulatedRun.of(UUID.randomUUID(), UUID.randomUUID(), "kind-stranger", random);
    return run.events().get(random.nextInt(run.events().size()));
  }

  private static @Nullable RunEvent readOrNull(byte[] body) {
    try {
      return RunEvent.fromBytes(body);
    } catch (UnreadableMessageException e) {
      return null;
    }
  }

  private static Set<String> ids(RunningCollector collector, String query) {
    return new HashSet<>(collector.sql().sql(query).query(String.class).list());
  }
}

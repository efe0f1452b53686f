package io.aiopslab.tasks.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.broker.Route;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.MangledJson;
import io.aiopslab.tasks.testing.OddMessages;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever can reach the broker can put anything into the queues that a worker reads. */
@Tag("thorough")
class FuzzIT {
  private static final int MESSAGES = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Route TICKETS = Topology.tickets("default");
  private static final Route COMMANDS = Topology.commands("kind-1");

  private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final MangledJson mangled = new MangledJson(random);
  private final OddMessages odd = new OddMessages(random);

  @TempDir Path directory;

  @Test
  void nothingInItsQueuesKeepsAWorkerFromItsTasksAndCommands() throws Exception {
    System.out.println("fuzz.seed=" + seed);
    Path end = directory.resolve("end");
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        CollectedEvents events = new CollectedEvents(broker);
        TestWorker worker =
            TestWorker.start(
                database,
                broker,
                directory,
                "talks_until_told.py",
                "--aiopslab.worker.poll-interval=60s",
                "--aiopslab.worker.heartbeat-interval=15s");
        Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      COMMANDS.declare(channel);
      TICKETS.declare(channel);
      channel.confirmSelect();
      Task first = worker.submit(end.toString());
      send(channel, TICKETS);
      await().atMost(PATIENCE).until(() -> session(worker, first) != null);
      for (int i = 0; i < MESSAGES; i++) {
        Route route = random.nextBoolean() ? TICKETS : COMMANDS;
        channel.basicPublish(
            route.exchange().name(),
            route.routingKey(),
            odd.properties(),
            mangled.mangle(aStrangersCommand().toBytes()));
      }
      channel.waitForConfirmsOrDie(60_000);
      OddMessages.publishDeep(channel, TICKETS.exchange().name(), TICKETS.routingKey());
      OddMessages.publishDeep(channel, COMMANDS.exchange().name(), COMMANDS.routingKey());
      awaitEmpty(channel, COMMANDS);
      assertThat(session(worker, first)).as("runs on").isNotNull();

      Files.createFile(end);
      assertThat(events.awaitFinished(first.id()).status()).isEqualTo(TaskStatus.COMPLETED);
      awaitEmpty(channel, TICKETS);
      Task second = worker.submit(directory.resolve("never").toString());
      send(channel, TICKETS);
      UUID session =
          await().atMost(PATIENCE).until(() -> session(worker, second), Objects::nonNull);
      channel.basicPublish(
          COMMANDS.exchange().name(),
          COMMANDS.routingKey(),
          odd.properties(),
          ClusterCommand.cancel(second.id(), Objects.requireNonNull(session)).toBytes());
      assertThat(events.awaitFinished(second.id()).status()).isEqualTo(TaskStatus.CANCELLED);
    }
  }

  private ClusterCommand aStrangersCommand() {
    UUID task = new UUID(random.nextLong(), random.nextLong());
    UUID session = new UUID(random.nextLong(), random.nextLong());
    return random.nextBoolean()
        ? ClusterCommand.cancel(task, session)
        : ClusterCommand.step(
            task,
            session,
            new ClusterCommand.Step(random.nextInt(3), "get_logs(\"a\")", "replies.api.nobody"));
  }

  private void send(Channel channel, Route route) throws IOException {
    channel.basicPublish(
        route.exchange().name(), route.routingKey(), odd.properties(), new byte[0]);
  }

  private static void awaitEmpty(Channel channel, Route route) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> channel.messageCount(route.queue()) == 0);
  }

  private static @org.jspecify.annotations.Nullable UUID session(TestWorker worker, Task task) {
    Task.Run run = worker.bean(TaskQueries.class).find(task.id()).orElseThrow().run();
    return run == null ? null : run.sessionId();
  }
}

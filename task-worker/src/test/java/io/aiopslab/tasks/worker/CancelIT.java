package io.aiopslab.tasks.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.aiopslab.tasks.broker.Route;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.DistantBroker;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that somebody does not want any more, and its process. */
class CancelIT {
  /** Heartbeats then come too late to be what ended a run. */
  private static final String RARE_HEARTBEATS = "--aiopslab.worker.heartbeat-interval=15s";

  @TempDir Path directory;
  private TestDatabase database;
  private TestBroker broker;
  private CollectedEvents events;

  @BeforeEach
  void connect() throws Exception {
    database = TestDatabase.createMigrated();
    broker = TestBroker.create();
    events = new CollectedEvents(broker);
  }

  @AfterEach
  void disconnect() throws Exception {
    events.close();
    broker.close();
    database.close();
  }

  @Test
  void aCancelReachesTheProcessWithinASecondAndKeepsWhatItSaid() throws Exception {
    try (TestWorker worker = start("notes_sigterm.py", RARE_HEARTBEATS)) {
      Task task = worker.submit("p-1");
      List<Long> pids = pids(task);
      double asked = Clock.systemUTC().millis() / 1000.0;
      cancel(worker, task);
      Finished finished = events.awaitFinished(task.id());

      assertCancelled(finished);
      assertThat(finished.result().steps()).isEqualTo(1);
      assertThat(events.of(task.id())).anyMatch(e -> e.body() instanceof RunEventBody.StepTaken);
      List<Double> terminated =
          events.messages(task.id()).stream()
              .filter(line -> line.startsWith("terminated "))
              .map(line -> Double.valueOf(line.substring("terminated ".length())) - asked)
              .toList();
      assertThat(terminated).as("seconds until SIGTERM, runner and child").hasSize(2);
      assertThat(terminated).allMatch(seconds -> seconds < 1.0);
      Leftovers.awaitGone(pids);
      await().until(() -> Leftovers.scratch(directory).isEmpty());
    }
  }

  @Test
  void aRunnerThatIgnoresSigtermIsKilledAtTheGrace() throws Exception {
    try (TestWorker worker =
        start("stubborn.py", RARE_HEARTBEATS, "--aiopslab.worker.kill-grace=500ms")) {
      Task task = worker.submit("p-1");
      List<Long> pids = pids(task);
      cancel(worker, task);
      assertCancelled(events.awaitFinished(task.id()));
      Leftovers.awaitGone(pids);
    }
  }

  @Test
  void withoutABrokerTheHeartbeatBringsTheCancel() throws Exception {
    try (DistantBroker own = TestBroker.createDistant();
        TestWorker worker =
            TestWorker.start(
                database,
                own,
                directory,
                "talks_until_told.py",
                "--aiopslab.worker.heartbeat-interval=200ms")) {
      Task task = worker.submit(directory.resolve("never").toString());
      await().until(() -> session(worker, task) != null);
      own.stop();
      assertThat(worker.bean(TaskCancels.class).request(task.id(), null)).isPresent();
      await().atMost(Duration.ofSeconds(30)).until(() -> counted(worker, "ending") == 1);

      own.start();
      try (CollectedEvents later = new CollectedEvents(own)) {
        assertCancelled(later.awaitFinished(task.id()));
      }
    }
  }

  @Test
  void otherSessionsAndOtherMessagesAreLeftAloneAndCounted() throws Exception {
    Path end = directory.resolve("end");
    try (TestWorker worker = start("talks_until_told.py", RARE_HEARTBEATS)) {
      Task task = worker.submit(end.toString());
      await().until(() -> session(worker, task) != null);
      send(ClusterCommand.cancel(task.id(), UUID.randomUUID()).toBytes());
      send(new ClusterCommand(1, "dance", task.id(), UUID.randomUUID(), null).toBytes());
      send("no command".getBytes(UTF_8));
      await().until(() -> counted(worker, "not_here") == 1);
      await().until(() -> counted(worker, "unknown_kind") == 1);
      await().until(() -> counted(worker, "unreadable") == 1);
      Files.createFile(end);
      assertThat(events.awaitFinished(task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
      assertThat(counted(worker, "ending")).isZero();
    }
  }

  @Test
  void aCancelAfterTheResultChangesNothing() throws Exception {
    Path end = directory.resolve("end");
    try (TestWorker worker = start("lingers_until_told.py", RARE_HEARTBEATS)) {
      Task task = worker.submit(end.toString());
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> events.messages(task.id()).contains("said"));
      cancel(worker, task);
      await().until(() -> counted(worker, "too_late") == 1);
      Files.createFile(end);
      assertThat(events.awaitFinished(task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
    }
  }

  @Test
  void aDeletedQueueIsDeclaredAgain() throws Exception {
    try (TestWorker worker = start("notes_sigterm.py", RARE_HEARTBEATS);
        Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      Task task = worker.submit("p-1");
      pids(task);
      channel.queueDelete(Topology.commandQueue("kind-1"));
      await().until(() -> isThere(Topology.commandQueue("kind-1")));
      cancel(worker, task);
      assertCancelled(events.awaitFinished(task.id()));
    }
  }

  private boolean isThere(String queue) throws Exception {
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      return channel.consumerCount(queue) == 1;
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private static void assertCancelled(Finished finished) {
    assertThat(finished.status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(finished.failureCode()).isNull();
    assertThat(finished.result().stopReason()).isEqualTo("cancelled");
    assertThat(finished.result().reward()).isNull();
  }

  private List<Long> pids(Task task) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> events.messages(task.id()).stream().filter(l -> l.startsWith("pids")).toList(),
            lines -> !lines.isEmpty())
        .stream()
        .map(Leftovers::pids)
        .findFirst()
        .orElseThrow();
  }

  private void cancel(TestWorker worker, Task task) throws Exception {
    send(ClusterCommand.cancel(task.id(), Objects.requireNonNull(session(worker, task))).toBytes());
  }

  private void send(byte[] body) throws Exception {
    Route route = Topology.commands("kind-1");
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      channel.basicPublish(
          route.exchange().name(), route.routingKey(), MessageProperties.PERSISTENT_BASIC, body);
      channel.waitForConfirmsOrDie(10_000);
    }
  }

  private static @org.jspecify.annotations.Nullable UUID session(TestWorker worker, Task task) {
    Task.Run run = worker.bean(TaskQueries.class).find(task.id()).orElseThrow().run();
    return run == null ? null : run.sessionId();
  }

  private static long counted(TestWorker worker, String outcome) {
    Counter counter =
        worker
            .bean(MeterRegistry.class)
            .find("aiopslab.worker.cancels")
            .tag("outcome", outcome)
            .counter();
    return counter == null ? 0 : (long) counter.count();
  }

  private TestWorker start(String runner, String... settings) {
    return TestWorker.start(database, broker, directory, runner, settings);
  }
}

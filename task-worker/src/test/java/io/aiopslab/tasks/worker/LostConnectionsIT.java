package io.aiopslab.tasks.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Worker;
import io.aiopslab.tasks.testing.PrivateBroker;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.aiopslab.tasks.worker.slot.Slot;
import io.aiopslab.tasks.worker.slot.SlotBoard;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Nothing of a run is lost when the broker, the worker or its name is. */
@Tag("thorough")
class LostConnectionsIT {
  @TempDir Path directory;

  @Test
  void whatHappensWithoutABrokerArrivesWhenItIsBack() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        PrivateBroker broker = TestBroker.startPrivate();
        TestWorker worker = TestWorker.start(database, broker, directory, "talks_until_told.py")) {
      Path end = directory.resolve("end");
      Task first = worker.submit(end.toString());
      await().until(() -> currentTask(worker) != null);
      broker.kill();
      long before = spooledBytes();
      await().atMost(Duration.ofSeconds(30)).until(() -> spooledBytes() > before + 2000);
      Files.createFile(end);
      // The run ends, and the next one is claimed by polling, while the broker is away.
      await().atMost(Duration.ofSeconds(30)).until(() -> currentTask(worker) == null);
      Task second = worker.submit(end.toString());
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> Leftovers.spooled(directory).size() == 2 && currentTask(worker) == null);

      broker.start();
      try (CollectedEvents events = new CollectedEvents(broker)) {
        // What came before the queue was watched may be in it or not; repeats are not expected.
        assertThat(events.awaitFinished(first.id()).status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(events.awaitFinished(second.id()).status()).isEqualTo(TaskStatus.COMPLETED);
        List<String> messages = events.messages(first.id());
        assertThat(messages)
            .endsWith("lines " + countOf(messages), "The runner reported its result");
        await().until(worker::hasSentEverything);
      }
    }
  }

  private static long countOf(List<String> messages) {
    return messages.stream().filter(line -> line.startsWith("still there")).count();
  }

  @Test
  void whatAKilledWorkerLeftIsSentByTheNext() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        PrivateBroker broker = TestBroker.startPrivate()) {
      broker.stop();
      // Another worker in this JVM brings the schema, and submits.
      Task task;
      Path other = directory.resolve("other");
      try (TestWorker submitter =
          TestWorker.start(
              database,
              broker,
              other,
              "exits_3.py",
              "--aiopslab.worker.clusters[0].backend-type=other")) {
        task = submitter.submit("p-1");
      }
      Process killed =
          startProcess(TestWorker.arguments(database, broker, directory, "stubborn.py"));
      List<Long> pids;
      try {
        pids = awaitPids();
      } finally {
        killed.destroyForcibly().waitFor();
      }
      Leftovers.awaitGone(pids);

      broker.start();
      try (CollectedEvents events = new CollectedEvents(broker);
          TestWorker next = TestWorker.start(database, broker, directory, "exits_3.py")) {
        await()
            .until(
                () ->
                    events.messages(task.id()).stream().anyMatch(line -> line.startsWith("pids")));
        assertThat(events.of(task.id()).get(0).body().kind()).isEqualTo("started");
        await().until(next::hasSentEverything);
        assertThat(next.bean(SlotBoard.class).slots()).hasSize(1);
      }
    }
  }

  @Test
  void aNameThatAnotherProcessTookTakesNoMoreWork() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        CollectedEvents events = new CollectedEvents(broker);
        TestWorker worker =
            TestWorker.start(
                database,
                broker,
                directory,
                "well_behaved.py",
                "--aiopslab.worker.heartbeat-interval=100ms")) {
      Finished finished = events.awaitFinished(worker.submit("p-1").id());
      assertThat(finished.status()).isEqualTo(TaskStatus.COMPLETED);

      var none = io.aiopslab.tasks.message.Json.mapper().createObjectNode();
      UUID incarnation = UUID.randomUUID();
      worker.bean(Workers.class).register(new Worker("kind-1", "default", incarnation, none, none));
      Slot slot = worker.bean(SlotBoard.class).slots().get(0);
      await().until(() -> slot.state() == Slot.State.TAKEN_OVER);
      Task untouched = worker.submit("p-2");
      worker.stop();
      JdbcClient jdbc = JdbcClient.create(database.dataSource());
      assertThat(
              jdbc.sql("SELECT status FROM tasks WHERE id = ?")
                  .param(untouched.id())
                  .query(String.class)
                  .single())
          .isEqualTo("pending");
      assertThat(jdbc.sql("SELECT status FROM workers").query(String.class).single())
          .isEqualTo("idle");
    }
  }

  private static @org.jspecify.annotations.Nullable UUID currentTask(TestWorker worker) {
    return worker.bean(SlotBoard.class).slots().get(0).currentTask();
  }

  private long spooledBytes() throws Exception {
    long bytes = 0;
    for (Path file : Leftovers.spooled(directory)) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  /** A worker in a JVM of its own. */
  private Process startProcess(List<String> arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TaskWorkerApplication.class.getName()));
    command.addAll(arguments);
    File log = directory.resolve("worker.log").toFile();
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
  }

  /** The pids that the run has logged, read from the spool, where nothing takes them away. */
  private List<Long> awaitPids() {
    List<Long> pids = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(
            () -> {
              for (Path file : Leftovers.spooled(directory)) {
                String text = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
                var found = java.util.regex.Pattern.compile("pids( \\d+){3}(?=\")").matcher(text);
                if (found.find()) {
                  pids.addAll(Leftovers.pids(found.group()));
                }
              }
              return !pids.isEmpty();
            });
    return pids;
  }
}

package io.aiopslab.tasks.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.aiopslab.tasks.worker.report.EventSpool;
import io.aiopslab.tasks.worker.run.Aftermath;
import io.aiopslab.tasks.worker.run.Claim;
import io.aiopslab.tasks.worker.run.RunPlace;
import io.aiopslab.tasks.worker.run.RunTask;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** Runs of all kinds, each in a process of its own. */
class RunsIT {
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
  void disconnect() throws IOException {
    events.close();
    broker.close();
    database.close();
  }

  @Test
  void everythingThatHappensArrivesInOrder() throws IOException {
    try (TestWorker worker = start("well_behaved.py")) {
      Task task = worker.submit("p-1");
      Finished finished = events.awaitFinished(task.id());

      assertThat(events.all(task.id())).hasSameSizeAs(events.of(task.id()));
      assertThat(finished.status()).isEqualTo(TaskStatus.COMPLETED);
      assertThat(finished.result().success()).isTrue();
      assertThat(finished.result().reward()).isEqualTo(1.0);
      assertThat(finished.result().steps()).isEqualTo(2);
      assertThat(finished.result().stopReason()).isEqualTo("submitted");
      assertThat(finished.result().metrics())
          .containsEntry("TTD", 1.5)
          .containsEntry("usage.prompt_tokens", 7.0)
          .containsEntry("phase_seconds.setup", 0.5);
      assertThat(String.valueOf(finished.result().output()))
          .isEqualTo("{\"Detection Accuracy\":\"Correct\"}");
      assertThat(kinds(task.id()))
          .containsSubsequence(
              "started",
              "phase",
              "phase",
              "step",
              "step",
              "step",
              "step",
              "phase",
              "metrics",
              "phase",
              "metrics",
              "aiopslab_result",
              "finished");
      assertThat(events.of(task.id()))
          .extracting(RunEvent::body)
          .filteredOn(body -> body instanceof RunEventBody.AiopslabResult)
          .singleElement()
          .asString()
          .hasSizeGreaterThan(3 * 1024 * 1024);
      assertThat(events.messages(task.id())).contains("line 0", "a plain line", "an error line");
      assertThat(line(task, "an error line"::equals)).isEqualTo(LogLevel.INFO);
      assertThat(events.messages(task.id())).anyMatch(message -> message.contains("something_new"));
      await().until(() -> Leftovers.scratch(directory).isEmpty());
      await().until(worker::hasSentEverything);
    }
    assertThat(column("SELECT status FROM workers")).isEqualTo("offline");
  }

  @Test
  void theRunnerThatIsShippedSolvesAProblem() throws IOException {
    try (TestWorker worker = start("")) {
      Task unknown = worker.submit("no-such-problem");
      Task task = worker.submit("noop_detection_hotel_reservation-1");
      assertThat(events.awaitFinished(task.id()).result().success()).isTrue();
      assertThat(column("SELECT status FROM tasks WHERE id = '" + unknown.id() + "'"))
          .as("the worker names what its runner can play")
          .isEqualTo("pending");

      // As one who cleans directories of old files does.
      assertThat(FileSystemUtils.deleteRecursively(directory.resolve("scratch"))).isTrue();
      Task later = worker.submit("noop_detection_hotel_reservation-1");
      assertThat(events.awaitFinished(later.id()).result().reward()).isEqualTo(1.0);
    }
  }

  @Test
  void aCrashIsToldWithTheEndOfStandardError() {
    try (TestWorker worker = start("exits_3.py")) {
      Finished finished =
          events.awaitFailure(worker.submit("p-1").id(), FailureCode.RUNNER_CRASHED);
      assertThat(finished.errorDetails())
          .contains("exit status 3")
          .contains("Traceback: the cluster is not there");
    }
  }

  @Test
  void aRunThatMeetsADefectEndsAndSaysSo() throws InterruptedException {
    try (TestWorker worker = start("well_behaved.py")) {
      Task task = worker.submit("p-1", "by-hand", Json.mapper().createObjectNode());
      UUID session = UUID.randomUUID();
      worker.bean(EventSpool.class).prepare(session);
      Task running =
          worker.bean(TaskClaims.class).claim("kind-1", "by-hand", session).orElseThrow();
      RunPlace place =
          new RunPlace(
              worker.bean(WorkerSettings.class).clusters().get(0),
              null,
              () -> {
                throw new StackOverflowError("as if");
              });
      Claim claim = new Claim(running, Objects.requireNonNull(running.run()), System.nanoTime());
      assertThat(worker.bean(RunTask.class).run(place, claim)).isEqualTo(Aftermath.UNKNOWN);
      assertThat(events.awaitFailure(task.id(), FailureCode.INTERNAL).errorDetails())
          .contains("as if", "log");
    }
  }

  @Test
  void theRunnersOwnFailureIsPassedOn() {
    try (TestWorker worker = start("fails.py")) {
      Finished finished =
          events.awaitFailure(worker.submit("p-1").id(), FailureCode.UNKNOWN_PROBLEM);
      assertThat(finished.errorDetails()).isEqualTo("no problem is called that");
    }
  }

  @Test
  void wrongFieldsEndTheRun() {
    try (TestWorker worker = start("wrong_fields.py")) {
      Finished finished =
          events.awaitFailure(worker.submit("p-1").id(), FailureCode.RUNNER_PROTOCOL_ERROR);
      assertThat(finished.errorDetails()).contains("index must be a whole number");
    }
  }

  @Test
  void garbageIsKeptReadableAndAFloodIsCut() {
    try (TestWorker worker = start("prints_garbage.py", "--aiopslab.worker.max-run-log=64KB")) {
      Task task = worker.submit("p-1");
      Finished finished = events.awaitFinished(task.id());

      assertThat(finished.status()).isEqualTo(TaskStatus.COMPLETED);
      List<String> messages = events.messages(task.id());
      assertThat(messages)
          .contains("nul\uFFFDnul", "\uFFFD\uFFFD\uFFFD binary", "{not json", "{\"type\": 7}")
          .contains("[1, 2]", "", "über", "flood 0")
          .doesNotContain("flood 19999")
          .anyMatch(message -> message.endsWith("[4177920 more bytes were left out]"));
      assertThat(messages.get(messages.size() - 1)).contains("log lines").contains("were left out");
    }
  }

  @Test
  void aRunSeesNothingOfTheWorkersOwnSettings() throws IOException {
    Path secrets = Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(secrets.resolve("KEY_IN_A_FILE"), "k-1");
    try (TestWorker worker =
        start(
            "dumps_environment.py",
            "--spring.config.import=configtree:" + secrets + "/",
            "--aiopslab.worker.model-keys[0].variable=KEY_IN_A_FILE",
            "--aiopslab.worker.model-keys[0].base-url=http://localhost:1/v1")) {
      Task task = worker.submit("p-1");
      events.awaitFinished(task.id());
      List<String> messages = events.messages(task.id());
      String dump =
          messages.stream().filter(line -> line.startsWith("{")).findFirst().orElseThrow();
      assertThat(Json.mapper().readTree(dump).path("KEY_IN_A_FILE").asString()).isEqualTo("k-1");
      assertThat(Json.mapper().readTree(dump).propertyNames())
          .contains("AIOPSLAB_TASK_ID", "AIOPSLAB_SESSION_ID", "AIOPSLAB_CLUSTER", "HOME", "TMPDIR")
          .isSubsetOf(
              "KEY_IN_A_FILE",
              "TRACEPARENT",
              "PATH",
              "LANG",
              "LC_ALL",
              "LC_CTYPE",
              "TZ",
              "SSL_CERT_FILE",
              "SSL_CERT_DIR",
              "HOME",
              "KUBECONFIG",
              "TMPDIR",
              "TMP",
              "TEMP",
              "PWD",
              "OLDPWD",
              "SHLVL",
              "_",
              "PYENV_DIR",
              "PYENV_HOOK_PATH",
              "PYENV_ROOT",
              "PYENV_VERSION",
              "_PYENV_INSTALL_PREFIX",
              "PYTHONPATH",
              "PYTHONSAFEPATH",
              "PYTHONUTF8",
              "PYTHONUNBUFFERED",
              "AIOPSLAB_TASK_ID",
              "AIOPSLAB_SESSION_ID",
              "AIOPSLAB_CLUSTER");
      assertThat(dump).doesNotContain("jdbc:").doesNotContain("amqp:");
      assertThat(messages)
          .anyMatch(line -> line.startsWith("cwd " + directory) && line.endsWith("/work"));
    }
  }

  @Test
  void theDeadlineEndsEveryProcessOfTheRun() throws IOException {
    try (TestWorker worker =
        start("stubborn.py", "--aiopslab.worker.minute=2s", "--aiopslab.worker.kill-grace=500ms")) {
      Task task = worker.submit("p-1");
      Finished finished = events.awaitFailure(task.id(), FailureCode.TIMEOUT);
      assertThat(finished.errorDetails()).contains("within 2.0 seconds");
      Leftovers.awaitGone(stubbornPids(task.id()));
      await().until(() -> Leftovers.scratch(directory).isEmpty());
    }
  }

  @Test
  void aStopGivesRunsTheirGraceAndReportsThem() throws IOException {
    Task task;
    try (TestWorker worker =
        start(
            "stubborn.py",
            "--aiopslab.worker.shutdown-grace=300ms",
            "--aiopslab.worker.kill-grace=500ms")) {
      task = worker.submit("p-1");
      UUID id = task.id();
      await().until(() -> events.messages(id).stream().anyMatch(line -> line.startsWith("pids")));
    }
    events.awaitFailure(task.id(), FailureCode.WORKER_SHUTDOWN);
    Leftovers.awaitGone(stubbornPids(task.id()));
    assertThat(column("SELECT status FROM workers")).isEqualTo("offline");
  }

  private List<Long> stubbornPids(UUID task) {
    List<Long> pids =
        events.messages(task).stream()
            .filter(line -> line.startsWith("pids"))
            .map(Leftovers::pids)
            .findFirst()
            .orElseThrow();
    assertThat(pids).hasSize(3);
    return pids;
  }

  private TestWorker start(String runner, String... settings) {
    return TestWorker.start(database, broker, directory, runner, settings);
  }

  private List<String> kinds(UUID task) {
    return events.of(task).stream().map(event -> event.body().kind()).toList();
  }

  private LogLevel line(Task task, Predicate<String> message) {
    return events.lines(task.id()).stream()
        .filter(line -> message.test(line.message()))
        .findFirst()
        .orElseThrow()
        .level();
  }

  private String column(String sql) {
    return org.springframework.jdbc.core.simple.JdbcClient.create(database.dataSource())
        .sql(sql)
        .query(String.class)
        .single();
  }
}

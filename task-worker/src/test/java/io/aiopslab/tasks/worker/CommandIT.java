package io.aiopslab.tasks.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEventBody.AiopslabResult;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs of a program that an operator has configured, each in a process of its own. */
class CommandIT {
  private static final String DOES = "python3," + TestWorker.script("/commands/does.py");

  @TempDir static Path directory;
  private static TestDatabase database;
  private static TestBroker broker;
  private static CollectedEvents events;
  private static TestWorker worker;

  @BeforeAll
  static void start() throws Exception {
    database = TestDatabase.createMigrated();
    broker = TestBroker.create();
    events = new CollectedEvents(broker);
    worker =
        TestWorker.startCommand(
            database,
            broker,
            directory,
            "kind-1",
            DOES,
            "--aiopslab.worker.clusters[0].aiopslab-home=/opt/AIOpsLab");
  }

  @AfterAll
  static void stop() throws IOException {
    worker.close();
    events.close();
    broker.close();
    database.close();
  }

  @Test
  void theRequestComesOnStandardInputAndInVariables() {
    Task task =
        submit(
            """
            print(json.dumps(request))
            print(json.dumps(dict(os.environ)))
            print("rest", repr(sys.stdin.read()))
            print("cwd", os.getcwd())
            print("exists", os.path.exists(os.environ["AIOPSLAB_RESULT_FILE"]))
            """,
            "über");
    events.awaitFinished(task.id());
    List<String> said = events.messages(task.id());
    JsonNode request = Json.mapper().readTree(said.get(0));
    JsonNode seen = Json.mapper().readTree(said.get(1));
    assertThat(request.get("type").stringValue()).isEqualTo("run");
    assertThat(request.get("environment").stringValue()).isEqualTo("command");
    for (String name : List.of("task_id", "session_id", "cluster", "problem_id", "environment")) {
      assertThat(seen.get("AIOPSLAB_" + name.toUpperCase(java.util.Locale.ROOT)))
          .as(name)
          .isEqualTo(request.get(name));
    }
    assertThat(seen.get("AIOPSLAB_MAX_STEPS").stringValue()).isEqualTo("30");
    assertThat(seen.get("AIOPSLAB_TIMEOUT_SECONDS").stringValue()).isEqualTo("60");
    String config = seen.get("AIOPSLAB_AGENT_CONFIG").stringValue();
    assertThat(Json.mapper().readTree(config)).isEqualTo(request.get("agent_config"));
    assertThat(config).doesNotContain(": ").contains("\\u00FCber");
    assertThat(seen.get("PYTHONPATH").stringValue()).isEqualTo("/opt/AIOpsLab");
    assertThat(seen.propertyNames())
        .doesNotContain("PYTHONSAFEPATH")
        .noneMatch(name -> name.startsWith("SPRING_") || name.startsWith("AIOPSLAB_WORKER_"));
    assertThat(said.get(1)).doesNotContain("jdbc:").doesNotContain("amqp:");
    assertThat(said.get(2)).isEqualTo("rest ''");
    assertThat(said.get(3)).startsWith("cwd " + directory).endsWith("/work");
    assertThat(said.get(4)).isEqualTo("exists False");
  }

  @Test
  void aConfigThatIsTooLongForAVariableComesOnStandardInputAlone() {
    String does = "print('in', len(request['agent_config']['more'])); print(os.environ)";
    Task task = submit(does, "x".repeat(200 * 1024));
    assertThat(events.awaitFinished(task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(events.messages(task.id())).startsWith("in 204800");
    assertThat(events.messages(task.id()).get(1))
        .contains("AIOPSLAB_PROBLEM_ID")
        .doesNotContain("AIOPSLAB_AGENT_CONFIG");
  }

  @Test
  void whateverItPrintsIsItsLog() {
    Task task =
        submit(
            """
            print('{"type":"result","reward":1,"success":true}')
            print('{"type":"step","index":7}')
            print('{"type":"error","code":"internal","message":"m"}')
            print("10%\\r100%")
            print("\\033[31mERROR: red\\033[0m", file=sys.stderr)
            """);
    Finished finished = events.awaitFinished(task.id());
    assertThat(finished.status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(finished.result().environment()).isEqualTo("command");
    assertThat(finished.result().reward()).isNull();
    assertThat(finished.result().success()).isNull();
    assertThat(finished.result().output()).isNull();
    assertThat(events.messages(task.id()))
        .hasSize(5)
        .contains("{\"type\":\"step\",\"index\":7}", "100%", "ERROR: red");
    assertThat(events.lines(task.id()))
        .filteredOn(line -> line.level() == LogLevel.ERROR)
        .singleElement()
        .extracting(line -> String.valueOf(line.context()))
        .isEqualTo("{\"stream\":\"stderr\"}");
    assertThat(events.of(task.id())).noneMatch(event -> event.body().kind().equals("step"));
  }

  @Test
  void theResultFileSaysWhatCameOut() {
    Task task =
        submit(
            """
            leave(json.dumps({"reward": 0.5, "success": True, "stop_reason": "submitted",
                              "reward_components": {"localization": 0.5}, "steps": 3,
                              "results": {"Localization Accuracy": 50.0}, "metrics": {"TTL": 1.5},
                              "usage": {"prompt_tokens": 7}, "environment": "aiopslab", "x": 1,
                              "aiopslab_result": {"agent": "gpt", "trace": []}}))
            """);
    Finished finished = events.awaitFinished(task.id());
    assertThat(finished.status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(finished.result().environment()).isEqualTo("command");
    assertThat(finished.result().reward()).isEqualTo(0.5);
    assertThat(finished.result().success()).isTrue();
    assertThat(finished.result().rewardComponents()).containsEntry("localization", 0.5);
    assertThat(finished.result().metrics())
        .containsEntry("TTL", 1.5)
        .containsEntry("usage.prompt_tokens", 7.0);
    assertThat(finished.result().stopReason()).isEqualTo("submitted");
    assertThat(finished.result().steps()).isEqualTo(3);
    assertThat(String.valueOf(finished.result().output()))
        .isEqualTo("{\"Localization Accuracy\":50.0}");
    assertThat(events.of(task.id()))
        .filteredOn(event -> event.body() instanceof AiopslabResult)
        .extracting(event -> event.body().toString())
        .containsExactly("AiopslabResult[content={\"agent\":\"gpt\",\"trace\":[]}]");
    assertThat(finished.trajectoryEvents()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "leave('{\"reward\": 1.5}')|reward must be 0 to 1, or null",
        "leave('{\"success\": \"yes\"}')|success must be true, false or null",
        "leave('{\"steps\": -1}')|steps must not be negative",
        "leave('{\"metrics\": {\"a\": \"b\"}}')|metrics.a must be a number",
        "leave('{\"aiopslab_result\": []}')|aiopslab_result must be an object",
        "leave('')|it must hold one JSON object",
        "leave('[1]')|it must hold one JSON object",
        "leave('{\"reward\": 1} {}')|it must hold one JSON object",
        "leave('[' * 1000000)|it must hold one JSON object",
        "leave(' ' * 5000000 + '{}')|it must not be larger than 4194304 bytes",
        "os.symlink('/etc/hostname', os.environ['AIOPSLAB_RESULT_FILE'])|and no link",
        "os.symlink('nothing', os.environ['AIOPSLAB_RESULT_FILE'])|and no link",
        "os.mkfifo(os.environ['AIOPSLAB_RESULT_FILE'])|must be a regular file",
        "os.mkdir(os.environ['AIOPSLAB_RESULT_FILE'])|must be a regular file",
        "os.rename('../results', 'r'); os.symlink('work/r', '../results'); leave('{}')|and no link"
      })
  void aMalformedResultFileIsNoReward(String does, String rule) {
    Finished finished = events.awaitFailure(submit(does).id(), FailureCode.RUNNER_PROTOCOL_ERROR);
    assertThat(finished.errorDetails())
        .startsWith("the result file is malformed: ")
        .contains(rule)
        .endsWith("; correct what the command writes to AIOPSLAB_RESULT_FILE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sys.exit(3)", "sys.exit(127)", "os.kill(os.getpid(), signal.SIGSEGV)"})
  void anyOtherEndIsAFailureWithTheEndOfStandardError(String end) {
    Task task =
        submit("leave('{\"reward\": 1}'); print('no key', file=sys.stderr, flush=True); " + end);
    Finished finished = events.awaitFailure(task.id(), FailureCode.AGENT_ERROR);
    String how =
        end.startsWith("sys") ? "ended with exit status " + end.replaceAll("\\D", "") : "11";
    assertThat(finished.errorDetails())
        .startsWith("the command ")
        .contains(how)
        .endsWith("; the end of its standard error: no key");
  }

  @Test
  void aCommandThatIsNotThereSaysWhatToCorrect(@TempDir Path other) {
    try (TestWorker lame = second(other, "no-such-program,argument")) {
      Finished finished = events.awaitFailure(submitTo(lame).id(), FailureCode.RUNNER_CRASHED);
      assertThat(finished.errorDetails())
          .contains("could not be started", "no-such-program", "correct the key command");
    }
  }

  @Test
  void aCommandThatIgnoresSigtermIsKilledAtItsDeadline(@TempDir Path other) {
    String stubborn = "python3," + TestWorker.script("/runners/stubborn.py");
    try (TestWorker late =
        second(
            other, stubborn, "--aiopslab.worker.minute=2s", "--aiopslab.worker.kill-grace=500ms")) {
      Task task = submitTo(late);
      events.awaitFailure(task.id(), FailureCode.TIMEOUT);
      Leftovers.awaitGone(Leftovers.pids(events.messages(task.id()).get(0)));
      await().until(() -> Leftovers.scratch(other).isEmpty());
    }
  }

  @Test
  void aStopOfTheWorkerIsNoFaultOfTheCommand(@TempDir Path other) {
    Task task;
    String stubborn = "python3," + TestWorker.script("/runners/stubborn.py");
    try (TestWorker stopped =
        second(
            other,
            stubborn,
            "--aiopslab.worker.shutdown-grace=100ms",
            "--aiopslab.worker.kill-grace=100ms")) {
      task = submitTo(stopped);
      Task running = task;
      await().until(() -> !events.messages(running.id()).isEmpty());
    }
    events.awaitFailure(task.id(), FailureCode.WORKER_SHUTDOWN);
  }

  @Test
  void aRunAsAnotherUserReadsNothingOfTheWorkers(@TempDir Path other) throws IOException {
    assumeTrue(new UnixSystem().getUid() == 0, "only root can start runs as somebody else");
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwx--x--x"));
    Path does =
        Files.copy(Path.of(TestWorker.script("/commands/does.py")), other.resolve("does.py"));
    Files.setPosixFilePermissions(does, PosixFilePermissions.fromString("rw-r--r--"));
    Path password = Files.writeString(other.resolve("password"), "secret");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    String look =
        """
        import pwd
        print(pwd.getpwuid(os.getuid()).pw_name, pwd.getpwuid(os.stat(os.environ["HOME"]).st_uid).pw_name)
        for file in ("/proc/%d/environ", "%s", "../../../"):
            try:
                print(len(os.listdir(file) if file.endswith("/") else open(file, "rb").read()))
            except OSError as refused:
                print(type(refused).__name__)
        os.mkdir("left"); open("left/behind", "w").close(); os.chmod("left", 0)
        leave('{"reward": 1}')
        """
            .formatted(ProcessHandle.current().pid(), password);
    ObjectNode config = Json.mapper().createObjectNode().put("do", look);
    try (TestWorker apart = second(other, "python3," + does, "--aiopslab.worker.run-as=nobody")) {
      Task task = apart.submit("p-1", "kind-2", config);
      assertThat(events.awaitFinished(task.id()).result().reward()).isEqualTo(1.0);
      assertThat(events.messages(task.id()))
          .containsExactly(
              "nobody nobody", "PermissionError", "PermissionError", "PermissionError");
      await().until(() -> Leftovers.scratch(other).isEmpty());
    }
  }

  private static TestWorker second(Path scratch, String command, String... settings) {
    return TestWorker.startCommand(database, broker, scratch, "kind-2", command, settings);
  }

  private static Task submitTo(TestWorker second) {
    return second.submit("p-1", "kind-2", Json.mapper().createObjectNode());
  }

  private static Task submit(String does) {
    return submit(does, "");
  }

  private static Task submit(String does, String more) {
    ObjectNode config = Json.mapper().createObjectNode().put("do", does).put("more", more);
    return worker.submit("p-1", "kind-1", config);
  }
}

package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.system.SessionClient.Answer;
import io.aiopslab.tasks.testing.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What {@code make run} starts, as a newcomer meets it. */
@Tag("long")
class StandaloneIT {
  private static final Pattern TASK_ID =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  @TempDir static Path directory;
  private static final int port = FreePort.find();

  /** Its second start, after the first has shown its sample task; what that said. */
  private static StandaloneProcess restarted;

  private static String said;
  private static List<String> listenedOn;

  @BeforeAll
  static void startTwice() {
    StandaloneProcess first = start("first.log");
    try (first) {
      said = first.awaitUp();
      listenedOn =
          Stream.of(first.pid(), databasePid())
              .flatMap(pid -> ListeningAddresses.of(pid).stream())
              .toList();
    }
    assertThat(first.awaitExit()).isZero();
    restarted =
        start(
            "second.log",
            "--aiopslab.standalone.sample-task=false",
            "--server.address=0.0.0.0",
            "--aiopslab.worker.heartbeat-interval=15s");
    restarted.awaitUp();
  }

  @AfterAll
  static void stop() {
    restarted.close();
  }

  @Test
  void aSampleTaskIsShownAndKeptThroughARestart() {
    assertThat(said).contains("completed", "reward   1.0", "Detection Accuracy");
    assertThat(said).doesNotContain("ERROR", "Exception");

    TaskClient client = new TaskClient(restarted.url());
    String id = firstId(said);
    JsonNode kept = client.task(id);
    assertThat(kept.path("status").asString()).isEqualTo("completed");
    assertThat(kept.path("result").path("environment").asString()).isEqualTo("simulator");
    assertThat(client.logs(id)).hasSize(kept.path("result").path("log_lines").asInt());

    String another = client.submit("{\"problem_id\": \"noop_detection_hotel_reservation-1\"}");
    JsonNode done = client.awaitEnd(another, Duration.ofMinutes(1));
    assertThat(done.path("result").path("reward").asDouble()).isEqualTo(1.0);
  }

  /** There is no login: API, worker, collector, and the embedded servers. */
  @Test
  void nothingListensBeyondLoopbackUnlessItIsTold() {
    assertThat(listenedOn)
        .hasSizeGreaterThanOrEqualTo(5)
        .allSatisfy(address -> assertThat(address).isIn("127.0.0.1", "::1"));
    assertThat(said).contains("this machine alone", "make run ARGS=--server.address=0.0.0.0");
    assertThat(ListeningAddresses.of(restarted.pid()))
        .filteredOn(address -> !address.equals("127.0.0.1"))
        .hasSize(3)
        .containsOnly("::");
    assertThat(restarted.output()).contains("wherever 0.0.0.0 is reached, without a login");
  }

  @Test
  void anAddressThatIsNotThisMachinesIsNamedWithWhatToDo() throws Exception {
    StandaloneProcess process =
        StandaloneProcess.start(
            emptyDirectory("address"),
            "address.log",
            FreePort.find(),
            "--server.address=192.0.2.1");
    assertThat(process.awaitExit()).isEqualTo(1);
    assertThat(process.output())
        .contains("error: server.address is '192.0.2.1'", "make run ARGS=--server.address=0.0.0.0");
  }

  @Test
  void aSessionIsSteppedAndARunIsCancelledThroughTheEmbeddedBroker() throws Exception {
    assertThatTheApiIsDescribed(restarted.url());
    assertThatASessionIsStepped(new SessionClient(restarted::url));
    TaskClient client = new TaskClient(restarted.url());
    String id =
        client.submit(
            """
            {"problem_id": "noop_detection_hotel_reservation-1",
             "agent_config": {"agent": "rule_based", "delay_ms": 60000}}
            """);
    client.awaitStatus(id, "running");
    assertThat(client.cancel(id, "enough").statusCode()).isEqualTo(200);
    JsonNode task = client.awaitEnd(id, Duration.ofMinutes(1));
    assertThat(task.path("status").asString()).isEqualTo("cancelled");
    assertThat(task.path("failure_code").isNull()).isTrue();
    assertThat(Files.readString(directory.resolve("data/logs/standalone.log")))
        .doesNotContain("No commands from queue", "Cancels cannot be sent");
  }

  /** In one JVM with services that have none, whose converters of models it must not get. */
  private static void assertThatTheApiIsDescribed(String url) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(url + "/v3/api-docs")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode schemas = Json.mapper().readTree(answer.body()).at("/components/schemas");
    assertThat(schemas.propertyNames())
        .contains("Task", "SubmitTask", "TaskResult", "Session", "LogLine");
    assertThat(schemas.properties())
        .allSatisfy(schema -> assertThat(schema.getValue().isEmpty()).isFalse());
    assertThat(schemas.at("/Task/properties").has("status")).isTrue();
  }

  private static void assertThatASessionIsStepped(SessionClient client) {
    Answer opened = client.open("default", ", \"wait\": \"60s\"");
    assertThat(opened.status()).as(opened.toString()).isEqualTo(201);
    String id = opened.text("id");
    Answer step = client.step(id, 0, "exec_shell(\"echo here\")");
    assertThat(step.status()).as(step.toString()).isEqualTo(200);
    assertThat(step.text("observation").strip()).isEqualTo("here");
    assertThat(client.step(id, 0, "exec_shell(\"echo here\")").body()).isEqualTo(step.body());
    Answer done = client.step(id, 1, "submit(\"No\")");
    assertThat(done.status()).as(done.toString()).isEqualTo(200);
    assertThat(done.body().path("done").asBoolean()).isTrue();
    assertThat(done.body().path("reward").asDouble()).isEqualTo(1.0);
  }

  @Test
  void aTakenPortIsNamedWithWhatToDo() throws Exception {
    int other = FreePort.find();
    try (java.net.ServerSocket taken = new java.net.ServerSocket(other)) {
      StandaloneProcess process =
          StandaloneProcess.start(emptyDirectory("taken"), "taken.log", other);
      assertThat(process.awaitExit()).isEqualTo(1);
      assertThat(process.output())
          .contains("error: port " + taken.getLocalPort(), "aiopslab.standalone.api-port");
    }
  }

  @Test
  void aMissingPythonIsNamedWithWhatToDo() throws Exception {
    StandaloneProcess process =
        StandaloneProcess.start(
            emptyDirectory("python"),
            "python.log",
            FreePort.find(),
            "--aiopslab.standalone.python=no-such-python");
    assertThat(process.awaitExit()).isEqualTo(1);
    assertThat(process.output()).contains("error: no no-such-python on PATH", "Install Python");
  }

  private static long databasePid() {
    try (Stream<String> lines =
        Files.lines(directory.resolve("data/postgres/cluster/postmaster.pid"))) {
      return Long.parseLong(lines.findFirst().orElseThrow().strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path emptyDirectory(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name));
  }

  private static StandaloneProcess start(String log, String... more) {
    return StandaloneProcess.start(directory, log, port, more);
  }

  private static String firstId(String said) {
    Matcher matcher = TASK_ID.matcher(said);
    assertThat(matcher.find()).isTrue();
    return matcher.group();
  }
}

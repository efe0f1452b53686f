package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.system.SessionClient.Answer;
import io.aiopslab.tasks.testing.FreePort;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What {@code make run} starts, as a newcomer meets it. */
class StandaloneIT {
  private static final Pattern TASK_ID =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  @TempDir Path directory;
  private final int port = FreePort.find();

  @Test
  void aSampleTaskIsShownAndKeptThroughARestart() throws Exception {
    StandaloneProcess first = start("first.log");
    String said;
    try (first) {
      said = first.awaitUp();
    }
    assertThat(said).contains("completed", "reward   1.0", "Detection Accuracy");
    assertThat(said).doesNotContain("ERROR", "Exception");
    assertThat(first.awaitExit()).isZero();

    try (StandaloneProcess second =
        start("second.log", "--aiopslab.standalone.sample-task=false")) {
      second.awaitUp();
      TaskClient client = new TaskClient(second.url());
      String id = firstId(said);
      JsonNode kept = client.task(id);
      assertThat(kept.path("status").asString()).isEqualTo("completed");
      assertThat(kept.path("result").path("environment").asString()).isEqualTo("simulator");
      assertThat(client.logs(id)).hasSize(kept.path("result").path("log_lines").asInt());

      String another = client.submit("{\"problem_id\": \"noop_detection_hotel_reservation-1\"}");
      JsonNode done = client.awaitEnd(another, Duration.ofMinutes(1));
      assertThat(done.path("result").path("reward").asDouble()).isEqualTo(1.0);
    }
  }

  @Test
  void aSessionIsSteppedAndARunIsCancelledThroughTheEmbeddedBroker() throws Exception {
    try (StandaloneProcess process =
        start(
            "cancel.log",
            "--aiopslab.standalone.sample-task=false",
            "--aiopslab.worker.heartbeat-interval=15s")) {
      process.awaitUp();
      assertThatTheApiIsDescribed(process.url());
      assertThatASessionIsStepped(new SessionClient(process::url));
      TaskClient client = new TaskClient(process.url());
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
    try (java.net.ServerSocket taken = new java.net.ServerSocket(port)) {
      StandaloneProcess process = start("taken.log");
      assertThat(process.awaitExit()).isEqualTo(1);
      assertThat(process.output())
          .contains("error: port " + taken.getLocalPort(), "aiopslab.standalone.api-port");
    }
  }

  @Test
  void aMissingPythonIsNamedWithWhatToDo() throws Exception {
    StandaloneProcess process = start("python.log", "--aiopslab.standalone.python=no-such-python");
    assertThat(process.awaitExit()).isEqualTo(1);
    assertThat(process.output()).contains("error: no no-such-python on PATH", "Install Python");
  }

  private StandaloneProcess start(String log, String... more) {
    return StandaloneProcess.start(directory, log, port, more);
  }

  private static String firstId(String said) {
    Matcher matcher = TASK_ID.matcher(said);
    assertThat(matcher.find()).isTrue();
    return matcher.group();
  }
}

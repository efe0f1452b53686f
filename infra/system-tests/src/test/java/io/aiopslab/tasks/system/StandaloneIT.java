package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.testing.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    Process first = start("first.log");
    String said;
    try {
      said = awaitUp(first, "first.log");
    } finally {
      stop(first);
    }
    assertThat(said).contains("completed", "reward   1.0", "Detection Accuracy");
    assertThat(said).doesNotContain("ERROR", "Exception");
    assertThat(first.exitValue()).isZero();

    Process second = start("second.log", "--aiopslab.standalone.sample-task=false");
    try {
      awaitUp(second, "second.log");
      TaskClient client = new TaskClient("http://127.0.0.1:" + port);
      String id = firstId(said);
      JsonNode kept = client.task(id);
      assertThat(kept.path("status").asString()).isEqualTo("completed");
      assertThat(kept.path("result").path("environment").asString()).isEqualTo("simulator");
      assertThat(client.logs(id)).hasSize(kept.path("result").path("log_lines").asInt());

      String another = client.submit("{\"problem_id\": \"noop_detection_hotel_reservation-1\"}");
      JsonNode done = client.awaitEnd(another, Duration.ofMinutes(1));
      assertThat(done.path("result").path("reward").asDouble()).isEqualTo(1.0);
    } finally {
      stop(second);
    }
  }

  @Test
  void aRunIsCancelledThroughTheEmbeddedBroker() throws Exception {
    Process process =
        start(
            "cancel.log",
            "--aiopslab.standalone.sample-task=false",
            "--aiopslab.worker.heartbeat-interval=15s");
    try {
      awaitUp(process, "cancel.log");
      TaskClient client = new TaskClient("http://127.0.0.1:" + port);
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
      assertThat(output("data/logs/standalone.log"))
          .doesNotContain("No commands from queue", "Cancels cannot be sent");
    } finally {
      stop(process);
    }
  }

  @Test
  void aTakenPortIsNamedWithWhatToDo() throws Exception {
    try (java.net.ServerSocket taken = new java.net.ServerSocket(port)) {
      Process process = start("taken.log");
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(output("taken.log"))
          .contains("error: port " + taken.getLocalPort(), "aiopslab.standalone.api-port");
    }
  }

  @Test
  void aMissingPythonIsNamedWithWhatToDo() throws Exception {
    Process process = start("python.log", "--aiopslab.standalone.python=no-such-python");
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(output("python.log")).contains("error: no no-such-python on PATH", "Install Python");
  }

  private Process start(String log, String... more) throws IOException {
    Path jar = Path.of("../standalone/target/standalone.jar").toAbsolutePath().normalize();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"));
    command.addAll(List.of("-jar", jar.toString()));
    command.add("--aiopslab.standalone.api-port=" + port);
    command.addAll(List.of(more));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(log).toFile())
        .start();
  }

  private String awaitUp(Process process, String log) {
    return await("the service is up")
        .atMost(Duration.ofMinutes(2))
        .failFast("the service ended: see " + log, () -> !process.isAlive())
        .until(() -> output(log), said -> said.contains("Ctrl-C stops it"));
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  private static String firstId(String said) {
    Matcher matcher = TASK_ID.matcher(said);
    assertThat(matcher.find()).isTrue();
    return matcher.group();
  }

  private String output(String log) throws IOException {
    return Files.readString(directory.resolve(log));
  }
}

package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URISyntaxException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Promise 7: a cancel reaches the running process within a second and the task is terminal within
 * the grace period.
 */
@Tag("alone")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CancelPromiseIT {
  /** Heartbeats then come too late to keep the promise instead of the broker. */
  private static final String RARE = "15s";

  private RunningSystem system;

  @BeforeAll
  void start(@TempDir Path directory) {
    system = RunningSystem.startWithSlowSweeps(directory);
  }

  @AfterAll
  void stop() {
    system.close();
  }

  @Test
  void aCancelReachesTheRunningProcessWithinASecondAndTheTaskIsTerminalWithinTheGracePeriod() {
    try (ServiceProcess worker = worker("prompt", RARE, "")) {
      cancelTheFirst("prompt");
      String id = submit("prompt");
      List<ProcessHandle> processes = processes(id);
      double asked = Clock.systemUTC().millis() / 1000.0;
      HttpResponse<String> answer = system.client().cancel(id, "The policy has moved on.");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);

      JsonNode task = awaitCancelled(id);
      assertThat(task.path("cancel_reason").asString()).isEqualTo("The policy has moved on.");
      List<Double> seconds =
          await("the log of " + id)
              .atMost(Duration.ofSeconds(20))
              .until(() -> terminated(id), found -> found.size() == 2)
              .stream()
              .map(at -> at - asked)
              .toList();
      assertThat(seconds).as("until SIGTERM").allMatch(each -> each < 1.0);
      assertThat(processes).noneMatch(ProcessHandle::isAlive);
      assertThat(system.client().cancel(id, "again").statusCode()).isEqualTo(409);
      assertThat(system.client().task(id).path("cancel_reason"))
          .isEqualTo(task.path("cancel_reason"));
    }
  }

  @Test
  void aProcessThatIgnoresTheCancelIsKilledAtItsGrace() {
    try (ServiceProcess worker = worker("stubborn", RARE, ",--stubborn")) {
      String id = submit("stubborn");
      List<ProcessHandle> processes = processes(id);
      assertThat(system.client().cancel(id, "enough").statusCode()).isEqualTo(200);
      awaitCancelled(id);
      assertThat(processes).noneMatch(ProcessHandle::isAlive);
    }
  }

  @Test
  void withTheBrokerDownTheProcessIsEndedAllTheSame() {
    try (ServiceProcess worker = worker("dark", "1s", "")) {
      String id = submit("dark");
      List<ProcessHandle> processes = processes(id);
      system.broker().stop();
      assertThat(system.client().cancel(id, "in the dark").statusCode()).isEqualTo(200);
      await()
          .atMost(Duration.ofSeconds(40))
          .untilAsserted(() -> assertThat(processes).noneMatch(ProcessHandle::isAlive));
      system.broker().start();
      awaitCancelled(id);
    }
  }

  /** Services that have just started load what a cancel takes; the promise is not about that. */
  private void cancelTheFirst(String backend) {
    String id = submit(backend);
    assertThat(processes(id)).isNotEmpty();
    assertThat(system.client().cancel(id, "first").statusCode()).isEqualTo(200);
    awaitCancelled(id);
  }

  /** By the worker's own report, not by the sweep for those that keep silent. */
  private JsonNode awaitCancelled(String id) {
    JsonNode task = system.client().awaitEnd(id, Duration.ofSeconds(90));
    assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("cancelled");
    assertThat(task.path("failure_code").isNull()).as(task.toString()).isTrue();
    assertThat(task.at("/result/stop_reason").asString()).isEqualTo("cancelled");
    assertThat(task.at("/result/reward").isNull()).isTrue();
    return task;
  }

  private List<ProcessHandle> processes(String id) {
    String line =
        await("the agent of " + id + " runs")
            .atMost(Duration.ofSeconds(60))
            .until(() -> linesOf(id, "pids "), found -> !found.isEmpty())
            .get(0);
    List<ProcessHandle> found =
        Arrays.stream(line.split(" "))
            .map(Long::valueOf)
            .flatMap(p -> ProcessHandle.of(p).stream())
            .toList();
    assertThat(found).hasSize(2);
    return found;
  }

  private List<Double> terminated(String id) {
    return linesOf(id, "terminated ").stream().map(Double::valueOf).toList();
  }

  /** The rest of each line that begins so. */
  private List<String> linesOf(String id, String beginning) {
    return system.client().logs(id).stream()
        .map(line -> line.path("message").asString())
        .filter(message -> message.startsWith(beginning))
        .map(message -> message.substring(beginning.length()))
        .toList();
  }

  private String submit(String backend) {
    return system
        .client()
        .submit("{\"problem_id\": \"p\", \"backend_type\": \"%s\"}".formatted(backend));
  }

  private ServiceProcess worker(String backend, String heartbeats, String argument) {
    Map<String, String> settings = new HashMap<>();
    settings.put("AIOPSLAB_WORKER_CLUSTERS_0_ENVIRONMENT", "command");
    settings.put("AIOPSLAB_WORKER_CLUSTERS_0_COMMAND", "python3," + script() + argument);
    settings.put("AIOPSLAB_WORKER_KILLGRACE", "2s");
    settings.put("AIOPSLAB_WORKER_HEARTBEATINTERVAL", heartbeats);
    return system.worker(settings, backend, backend + "-a");
  }

  private static Path script() {
    try {
      return Path.of(
          Objects.requireNonNull(CancelPromiseIT.class.getResource("/notes_sigterm.py")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}

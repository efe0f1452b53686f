package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import io.aiopslab.tasks.broker.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Operators' hands on a slot, and workers that speak HTTP: with api, collector and real workers.
 */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkersIT {
  private static final Duration LONG = Duration.ofSeconds(90);

  private Path directory;
  private RunningSystem system;
  private HttpCalls api;

  @BeforeAll
  void start(@TempDir Path shared) {
    directory = shared;
    system = RunningSystem.shared();
    api = new HttpCalls(system.url());
  }

  @Test
  void aPausedSlotLeavesTicketsAloneUntilItIsResumed() {
    try (ServiceProcess worker = system.worker("paused", "paused-a")) {
      system.client().awaitEnd(system.client().submit(simulated("paused", 0)), LONG);
      assertThat(api.post("/api/v1/workers/paused-a/pause", "{\"reason\":\"test\"}").status())
          .isEqualTo(200);
      awaitHeld(worker, "paused-a", true);
      String id = system.client().submit(simulated("paused", 0));
      // Its ticket is at the broker and stays there: the slot does not wait for tickets any more.
      await().atMost(LONG).until(() -> depth("paused") == 1);
      assertThat(system.client().task(id).path("status").asString()).isEqualTo("pending");

      api.post("/api/v1/workers/paused-a/resume", "");
      JsonNode task = system.client().awaitEnd(id, LONG);
      assertThat(task.path("status").asString()).isEqualTo("completed");
      assertThat(task.path("worker_id").asString()).isEqualTo("paused-a");
      awaitHeld(worker, "paused-a", false);
    }
  }

  /** There is no login at any of them. */
  @Test
  void noServiceListensBeyondLoopbackUnlessItIsTold() {
    Map<String, String> open = Map.of("SERVER_ADDRESS", "0.0.0.0");
    try (ServiceProcess worker = system.worker("closed", "closed-a");
        ServiceProcess opened = system.worker(open, "opened", "opened-a")) {
      assertThat(ListeningAddresses.of(worker.pid())).containsExactly("127.0.0.1");
      assertThat(ListeningAddresses.of(opened.pid())).containsExactly("::");
      assertThat(system.services())
          .filteredOn(ServiceProcess::isAlive)
          .hasSizeGreaterThanOrEqualTo(4)
          .filteredOn(service -> service.pid() != opened.pid())
          .allSatisfy(
              service ->
                  assertThat(ListeningAddresses.of(service.pid())).containsExactly("127.0.0.1"));
    }
  }

  @Test
  void aDrainingSlotEndsWhatItRunsAndStaysDrainedOverARestart() {
    String next;
    try (ServiceProcess worker = system.worker("drained", "drained-a")) {
      String running = system.client().submit(simulated("drained", 2000));
      system.client().awaitStatus(running, "running");
      JsonNode draining = api.post("/api/v1/workers/drained-a/drain", "").body();
      assertThat(draining.path("drained").asBoolean()).isFalse();
      next = system.client().submit(simulated("drained", 0));
      assertThat(system.client().awaitEnd(running, LONG).path("status").asString())
          .isEqualTo("completed");
      await()
          .atMost(LONG)
          .until(() -> api.get("/api/v1/workers/drained-a").body().path("drained").asBoolean());
      awaitHeld(worker, "drained-a", true);
    }
    try (ServiceProcess reborn = system.worker("drained", "drained-a")) {
      awaitHeld(reborn, "drained-a", true);
      JsonNode stats = api.get("/api/v1/workers/drained-a/stats").body();
      assertThat(stats.path("restarts").asInt()).isEqualTo(1);
      assertThat(stats.path("tasks").path("completed").asInt()).isEqualTo(1);
      assertThat(system.client().task(next).path("status").asString()).isEqualTo("pending");
      api.post("/api/v1/workers/drained-a/resume", "");
      assertThat(system.client().awaitEnd(next, LONG).path("status").asString())
          .isEqualTo("completed");
    }
  }

  @Tag("thorough")
  @Test
  void aWorkerThatIsToldToStopEndsItsRunFirst() {
    String running;
    String next;
    try (ServiceProcess worker =
        system.worker(Map.of("AIOPSLAB_WORKER_SHUTDOWNGRACE", "60s"), "stopping", "stopping-a")) {
      running = system.client().submit(simulated("stopping", 1000));
      system.client().awaitStatus(running, "running");
      next = system.client().submit(simulated("stopping", 0));

      worker.terminate();
    }
    assertThat(system.client().awaitEnd(running, LONG).path("status").asString())
        .isEqualTo("completed");
    assertThat(system.client().task(next).path("status").asString()).isEqualTo("pending");
    assertThat(api.get("/api/v1/workers/stopping-a").body().path("status").asString())
        .isEqualTo("offline");
  }

  @Test
  void theExampleWorkerRunsTwentyTasks() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String config = i == 7 ? "{\"fail\": \"the pods do not start; look at them\"}" : "{}";
      ids.add(system.client().submit(http("twenty", config)));
    }
    try (ExampleWorker worker =
        ExampleWorker.start(system.url(), "twenty-a", "twenty", directory)) {
      HashSet<String> sessions = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        JsonNode task = system.client().awaitEnd(ids.get(i), LONG);
        sessions.add(task.path("session_id").asString());
        if (i == 7) {
          assertThat(task.path("failure_code").asString()).isEqualTo("agent_error");
          assertThat(task.path("error_details").asString()).startsWith("the pods");
          assertThat(task.path("result").path("reward").isNull()).isTrue();
        } else {
          assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("completed");
          assertThat(task.path("result").path("reward").asDouble()).isEqualTo(1.0);
          assertThat(task.path("result").path("environment").asString()).isEqualTo("http");
          assertThat(count("task_steps", ids.get(i))).isEqualTo(2);
        }
        assertThat(task.path("result").path("log_lines").asLong()).isEqualTo(2);
        assertThat(system.client().logs(ids.get(i)).stream().map(l -> l.path("seq").asInt()))
            .containsExactly(0, 1);
        assertThat(count("stale_reports", ids.get(i))).isZero();
      }
      assertThat(sessions).hasSize(20);
      worker.terminate();
    }
    assertThat(api.get("/api/v1/workers/twenty-a").body().path("status").asString())
        .isEqualTo("offline");
    JsonNode stats = api.get("/api/v1/workers/twenty-a/stats").body();
    assertThat(stats.path("tasks").path("completed").asInt()).isEqualTo(19);
    assertThat(stats.path("last_failures").size()).isEqualTo(1);
  }

  @Test
  void theTaskOfAKilledHttpWorkerIsLostAndItsGhostChangesNothing() {
    String id = system.client().submit(http("killed", "{\"seconds\": 600}"));
    JsonNode running;
    try (ExampleWorker worker =
        ExampleWorker.start(system.url(), "killed-a", "killed", directory)) {
      running = system.client().awaitStatus(id, "running");
      worker.kill();
    }
    JsonNode lost = system.client().awaitEnd(id, LONG);
    assertThat(lost.path("failure_code").asString()).isEqualTo("worker_lost");

    String complete =
        "{\"session_id\":\"%s\",\"reward\":1}".formatted(running.path("session_id").asString());
    String path = "/api/v1/workers/killed-a/tasks/" + id + "/complete";
    HttpCalls.Answer ghost = api.post(path, complete);
    assertThat(ghost.status()).isEqualTo(409);
    assertThat(ghost.body().path("code").asString()).isEqualTo("session_lost");
    await().atMost(LONG).until(() -> count("stale_reports", id) == 1);
    assertThat(api.post(path, complete).status()).isEqualTo(409);
    String stranger =
        complete.replace(running.path("session_id").asString(), "" + UUID.randomUUID());
    assertThat(api.post(path, stranger).status()).isEqualTo(409);
    await().atMost(LONG).until(() -> count("stale_reports", id) == 2);
    JsonNode after = system.client().task(id);
    assertThat(after.path("failure_code").asString()).isEqualTo("worker_lost");
    assertThat(after.path("result").isNull()).isTrue();
  }

  @Test
  void theExampleWorkerObeysACancel() {
    try (ExampleWorker worker =
        ExampleWorker.start(system.url(), "cancel-a", "cancel", directory)) {
      String id = system.client().submit(http("cancel", "{\"seconds\": 600}"));
      system.client().awaitStatus(id, "running");
      system
          .database()
          .sql("UPDATE tasks SET cancel_requested_at = now() WHERE id = ?::uuid")
          .param(id)
          .update();
      assertThat(system.client().awaitEnd(id, LONG).path("status").asString())
          .isEqualTo("cancelled");
      String next = system.client().submit(http("cancel", "{}"));
      assertThat(system.client().awaitEnd(next, LONG).path("status").asString())
          .isEqualTo("completed");
    }
  }

  @Test
  void everyCallCanBeRepeated() {
    String incarnation = UUID.randomUUID().toString();
    String register =
        "{\"id\":\"again-a\",\"backend_type\":\"again\",\"incarnation\":\"%s\"}"
            .formatted(incarnation);
    assertThat(api.post("/api/v1/workers/register", register).status()).isEqualTo(201);
    assertThat(api.post("/api/v1/workers/register", register).status()).isEqualTo(200);
    String id = system.client().submit(http("again", "{}"));
    String session = UUID.randomUUID().toString();
    String own = "{\"session_id\":\"" + session + "\"";
    for (int i = 0; i < 2; i++) {
      HttpCalls.Answer claimed = api.post("/api/v1/workers/again-a/claim?wait=30s", own + "}");
      assertThat(claimed.body().path("task").path("id").asString()).isEqualTo(id);
    }
    String path = "/api/v1/workers/again-a/tasks/" + id;
    List<String[]> calls =
        List.of(
            new String[] {"/progress", ",\"phase\":\"running\"}"},
            new String[] {"/logs", ",\"first_seq\":0,\"lines\":[{\"message\":\"a\"}]}"},
            new String[] {
              "/steps", ",\"steps\":[{\"index\":0,\"role\":\"assistant\",\"content\":\"a\"}]}"
            },
            new String[] {"/complete", ",\"reward\":0.25,\"stop_reason\":\"submitted\"}"});
    for (String[] call : calls) {
      for (int i = 0; i < 3; i++) {
        assertThat(api.post(path + call[0], own + call[1]).status()).as(call[0]).isEqualTo(200);
      }
    }
    JsonNode task = system.client().awaitEnd(id, LONG);
    for (String[] call : calls) {
      assertThat(api.post(path + call[0], own + call[1]).status()).as(call[0]).isEqualTo(200);
    }
    HttpCalls.Answer other = api.post(path + "/fail", own + ",\"error_details\":\"too late\"}");
    assertThat(other.status()).isEqualTo(409);
    await().atMost(LONG).until(() -> count("stale_reports", id) == 1);
    assertThat(count("task_logs", id)).isEqualTo(1);
    assertThat(count("task_steps", id)).isEqualTo(1);
    assertThat(count("task_results", id)).isEqualTo(1);
    assertThat(system.client().task(id)).isEqualTo(task);
    assertThat(task.path("result").path("reward").asDouble()).isEqualTo(0.25);
  }

  private void awaitHeld(ServiceProcess worker, String slot, boolean held) {
    HttpCalls actuator = new HttpCalls(worker.url());
    await("slot " + slot + (held ? " is held" : " is released"))
        .atMost(LONG)
        .until(
            () ->
                actuator
                    .get("/actuator/health")
                    .body()
                    .at("/components/slots/details/" + slot + "/state")
                    .asString()
                    .equals("held"),
            found -> found == held);
  }

  private long count(String table, String taskId) {
    return system
        .database()
        .sql("SELECT count(*) FROM " + table + " WHERE task_id = ?::uuid")
        .param(taskId)
        .query(Long.class)
        .single();
  }

  private long depth(String backendType) throws Exception {
    try (var connection = system.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      return channel.messageCount(Topology.ticketQueue(backendType));
    }
  }

  private static String http(String backendType, String config) {
    return "{\"problem_id\":\"p-1\",\"backend_type\":\"%s\",\"agent_config\":%s}"
        .formatted(backendType, config);
  }

  private static String simulated(String backendType, int delayMs) {
    return """
        {"problem_id": "misconfig_app_hotel_res-detection-1", "backend_type": "%s",
         "agent_config": {"agent": "rule_based", "delay_ms": %d}}
        """
        .formatted(backendType, delayMs);
  }
}

package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Worker;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class OperatorsIT {
  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void aPausedWorkerWinsNothingUntilItIsResumedAlsoAfterARestart() {
    Worker worker = register("paused", null);
    submit("paused");
    JsonNode paused = post("paused/pause", "{\"reason\":\"new kernel\"}").json();
    assertThat(paused.get("paused").booleanValue()).isTrue();
    assertThat(paused.get("reason").stringValue()).isEqualTo("new kernel");
    JsonNode again = post("paused/pause", "").json();
    assertThat(again.get("paused_at")).isEqualTo(paused.get("paused_at"));
    assertThat(again.get("reason").stringValue()).isEqualTo("new kernel");

    assertThat(claim(worker)).isNull();
    assertThat(claim(register("paused", null))).as("after a restart").isNull();
    assertThat(api.get("/api/v1/workers/paused").json().get("paused").booleanValue()).isTrue();
    assertThat(won(register("not-paused", "paused")).id()).as("another worker").isNotNull();

    submit("paused");
    JsonNode resumed = post("paused/resume", "").json();
    assertThat(resumed.get("paused").booleanValue()).isFalse();
    assertThat(resumed.get("paused_at").isNull()).isTrue();
    assertThat(resumed.get("reason").isNull()).isTrue();
    assertThat(won(worker).id()).isNotNull();
  }

  @Test
  void aDrainingWorkerIsDrainedWhenNothingRuns() {
    Worker worker = register("draining", null);
    submit("draining");
    submit("draining");
    Task running = won(worker);
    JsonNode draining = post("draining/drain", "{}").json();
    assertThat(draining.get("draining").booleanValue()).isTrue();
    assertThat(draining.get("drained").booleanValue()).isFalse();
    assertThat(claim(worker)).isNull();
    end(running, TaskStatus.COMPLETED, 1.0);
    JsonNode drained = api.get("/api/v1/workers/draining").json();
    assertThat(drained.get("drained").booleanValue()).isTrue();
    assertThat(drained.get("draining_at").isString()).isTrue();
    assertThat(claim(worker)).isNull();
    assertThat(post("draining/resume", "").json().get("drained").booleanValue()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pause", "drain", "resume"})
  void thereIsNoUnknownWorkerToHold(String what) {
    for (String id : List.of("nobody", "No_Name")) {
      Answer answer = post(id + "/" + what, "");
      assertProblem(answer, 404);
      assertThat(answer.json().get("code").stringValue()).isEqualTo("worker_not_found");
    }
  }

  @Test
  void statisticsCountWhatThereIs() {
    Worker worker = register("counted", null);
    JsonNode nothing = api.get("/api/v1/workers/counted/stats").json();
    for (String name : List.of("success_rate", "solved_rate", "mean_reward", "run_seconds")) {
      assertThat(nothing.get(name).isNull()).as(name).isTrue();
    }
    api.sql()
        .update(
            "UPDATE workers SET first_registered_at = now() - interval '1 hour' WHERE id ="
                + " 'counted'");
    for (int i = 0; i < 9; i++) {
      submit("counted");
      Task task = won(worker);
      api.sql()
          .update(
              "UPDATE tasks SET started_at = now() - interval '60 seconds' WHERE id = ?",
              task.id());
      if (i < 3) {
        end(task, TaskStatus.COMPLETED, i == 0 ? null : Double.valueOf(i - 1));
      } else {
        end(task, TaskStatus.FAILED, null);
      }
    }
    submit("counted");
    won(worker);
    register("counted", null);

    JsonNode stats = api.get("/api/v1/workers/counted/stats?window=30m").json();
    assertThat(stats.get("tasks").toString())
        .isEqualTo("{\"completed\":3,\"failed\":6,\"cancelled\":0,\"running\":1}");
    assertThat(stats.get("success_rate").doubleValue()).isEqualTo(3.0 / 9, within(1e-9));
    assertThat(stats.get("solved_rate").doubleValue()).isEqualTo(0.5, within(1e-9));
    assertThat(stats.get("mean_reward").doubleValue()).isEqualTo(0.5, within(1e-9));
    assertThat(stats.get("rewards").intValue()).isEqualTo(2);
    assertThat(stats.at("/run_seconds/p50").doubleValue()).isEqualTo(60, within(20.0));
    assertThat(stats.get("busy_share").doubleValue()).isEqualTo(9 * 60 / 1800.0, within(0.15));
    assertThat(stats.get("complete").booleanValue()).isTrue();
    assertThat(stats.get("incarnations").intValue()).isEqualTo(2);
    assertThat(stats.get("restarts").intValue()).isEqualTo(1);
    assertThat(stats.get("last_failures")).hasSize(5);
    assertThat(stats.at("/last_failures/0/failure_code").stringValue()).isEqualTo("agent_error");
  }

  @ParameterizedTest
  @ValueSource(strings = {"window=1", "window=0m", "window=31d", "windows=1h"})
  void aBadWindowIsRefused(String query) {
    Answer answer = api.get("/api/v1/workers/counted/stats?" + query);
    assertProblem(answer, 400);
    assertThat(answer.fields()).containsExactly(query.substring(0, query.indexOf('=')));
  }

  @Test
  void backendsShowWorkAndWorkers() {
    register("b-idle", "load");
    register("b-paused", "load");
    post("b-paused/pause", "");
    Worker busy = register("b-busy", "load");
    register("b-gone", "load");
    api.sql()
        .update(
            "UPDATE workers SET last_heartbeat_at = now() - interval '1 hour' WHERE id = 'b-gone'");
    submit("load");
    Task running = won(busy);
    api.bean(Workers.class)
        .beat(List.of(new Worker.Pulse("b-busy", busy.incarnation(), running.id(), null)));
    String waiting = submit("load");
    submit("load");
    submit("unserved");
    api.sql()
        .update(
            "UPDATE tasks SET created_at = now() - interval '100 seconds' WHERE id = ?::uuid",
            waiting);

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> backend("load").get("queue_depth").asLong(-1) >= 2);
    JsonNode load = backend("load");
    assertThat(load.get("pending").intValue()).isEqualTo(2);
    assertThat(load.get("pending_exact").booleanValue()).isTrue();
    assertThat(load.get("running").intValue()).isEqualTo(1);
    assertThat(load.get("workers").toString())
        .isEqualTo("{\"idle\":1,\"busy\":1,\"quarantined\":0,\"paused\":1,\"offline\":1}");
    assertThat(load.get("oldest_wait_seconds").doubleValue()).isBetween(100.0, 200.0);
    JsonNode unserved = backend("unserved");
    assertThat(unserved.get("pending").intValue()).isEqualTo(1);
    assertThat(unserved.at("/workers/idle").intValue()).isZero();
  }

  @Test
  void problemsAreWhatWorkersName() {
    ObjectNode some = Json.mapper().createObjectNode();
    some.putArray("supported_problems").add("p-b").add("p-a");
    api.bean(Workers.class).register(worker("names-1", "named", some));
    ObjectNode one = Json.mapper().createObjectNode();
    one.putArray("supported_problems").add("p-a");
    one.putArray("problems")
        .addObject()
        .put("id", "p-a")
        .put("task_type", "mitigation")
        .put("application", "hotel-reservation")
        .put("level", 4);
    one.putArray("unsupported_problems")
        .addObject()
        .put("id", "flower_node_stop-detection")
        .put("reason", "runs on the host's Docker");
    api.bean(Workers.class).register(worker("names-2", "other", one));
    Worker gone = worker("names-3", "named", one.deepCopy());
    gone.capabilities().putArray("supported_problems").add("p-c");
    api.bean(Workers.class).register(gone);
    api.bean(Workers.class).signOff("names-3", gone.incarnation());
    register("takes-all", "all");

    JsonNode list = api.get("/api/v1/problems").json();
    assertThat(list.get("problems").toString())
        .isEqualTo(
            "[{\"problem_id\":\"p-a\",\"task_type\":\"mitigation\",\"application\":\"hotel-reservation\",\"level\":4,\"backends\":[\"named\",\"other\"],\"workers\":[\"names-1\",\"names-2\"],\"live\":true},"
                + "{\"problem_id\":\"p-b\",\"task_type\":null,\"application\":null,\"level\":null,\"backends\":[\"named\"],\"workers\":[\"names-1\"],\"live\":true},"
                + "{\"problem_id\":\"p-c\",\"task_type\":null,\"application\":null,\"level\":null,\"backends\":[\"named\"],\"workers\":[\"names-3\"],\"live\":false}]");
    assertThat(list.get("not_supported").toString())
        .isEqualTo(
            "[{\"problem_id\":\"flower_node_stop-detection\",\"reason\":\"runs on the host's"
                + " Docker\"}]");
    assertThat(list.get("takes_all").booleanValue()).isTrue();
    assertThat(list.get("takes_all_backends").valueStream().map(JsonNode::stringValue))
        .contains("all")
        .doesNotContain("named", "other");
  }

  @Test
  void aProblemThatNobodyCanPlayIsWarnedOfWithTheNearestIds() {
    ObjectNode some = Json.mapper().createObjectNode();
    some.putArray("supported_problems")
        .add("misconfig_app_hotel_res-detection-1")
        .add("misconfig_app_hotel_res-mitigation-1")
        .add("pod_kill_hotel_res-detection-1")
        .add("wrong_bin_usage-analysis-1");
    api.bean(Workers.class).register(worker("knows-some", "choosy", some));
    await()
        .untilAsserted(
            () ->
                assertThat(warnings("/api/v1/tasks", task("misconfig_app_hotel_res-detecton-1")))
                    .singleElement()
                    .asString()
                    .contains("no worker of backend 'choosy' can play the problem")
                    .contains("the nearest that can be played: misconfig_app_hotel_res-detection-1")
                    .contains("GET /api/v1/problems"));
    assertThat(warnings("/api/v1/tasks", task("wrong_bin_usage-analysis-1"))).isEmpty();
    String unknown = task("unknown");
    String batch = "{\"tasks\":[%s,%s,%s]}".formatted(unknown, unknown, task("unknown-2"));
    assertThat(warnings("/api/v1/tasks/batch", batch)).hasSize(2);
    assertThat(warnings("/api/v1/groups", "{\"samples\":2,\"task\":" + unknown + "}")).hasSize(1);
    String session = unknown.replace("{", "{\"wait\":\"0s\",");
    assertThat(api.post("/api/v1/sessions", session).json().get("warnings").valueStream())
        .singleElement()
        .asString()
        .contains("no worker of backend 'choosy' can play the problem 'unknown'");
    String elsewhere = unknown.replace("choosy", "nobodys");
    assertThat(warnings("/api/v1/tasks", elsewhere)).isEmpty();
    register("takes-more", "choosy");
    await().untilAsserted(() -> assertThat(warnings("/api/v1/tasks", unknown)).isEmpty());
    assertThat(api.post("/api/v1/sessions", session).json().has("warnings")).isFalse();
  }

  private static String task(String problem) {
    return "{\"backend_type\":\"choosy\",\"problem_id\":\"%s\"}".formatted(problem);
  }

  private static List<String> warnings(String path, String body) {
    Answer answer = api.post(path, body);
    assertThat(answer.status()).isEqualTo(201);
    return answer.json().path("warnings").valueStream().map(JsonNode::stringValue).toList();
  }

  private static JsonNode backend(String name) {
    return api.get("/api/v1/backends")
        .json()
        .get("backends")
        .valueStream()
        .filter(backend -> backend.get("backend_type").stringValue().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Worker register(String id, @Nullable String backend) {
    Worker worker =
        worker(
            id,
            backend == null ? id : backend,
            Json.mapper().createObjectNode().put("max_parallel_tasks", 1));
    api.bean(Workers.class).register(worker);
    return worker;
  }

  private static Worker worker(String id, String backend, ObjectNode capabilities) {
    return new Worker(
        id, backend, UUID.randomUUID(), capabilities, Json.mapper().createObjectNode());
  }

  private static @Nullable Task claim(Worker worker) {
    return api.bean(TaskClaims.class)
        .claim(worker.id(), worker.backendType(), UUID.randomUUID())
        .orElse(null);
  }

  /** A task whose ticket is being marked as sent just now is locked: the claim passes it over. */
  private static Task won(Worker worker) {
    return Objects.requireNonNull(
        await().atMost(Duration.ofSeconds(20)).until(() -> claim(worker), Objects::nonNull));
  }

  private static void end(Task task, TaskStatus status, @Nullable Double reward) {
    UUID session = Objects.requireNonNull(task.run()).sessionId();
    boolean failed = status == TaskStatus.FAILED;
    api.bean(TaskEndings.class)
        .finish(
            task.id(),
            session,
            status,
            failed ? FailureCode.AGENT_ERROR : null,
            failed ? "it broke" : null);
    TaskResult result =
        new TaskResult(
            null,
            reward == null ? null : reward > 0.5,
            reward,
            Map.of(),
            Map.of(),
            null,
            null,
            null,
            0,
            0);
    api.bean(TaskResults.class)
        .record(task.id(), session, 0, Instant.parse("2026-11-23T08:00:00Z"), result);
  }

  private static String submit(String backend) {
    return api.submit("{\"problem_id\":\"p\",\"backend_type\":\"%s\"}".formatted(backend)).id();
  }

  private static Answer post(String path, String body) {
    return api.send(
        HttpRequest.newBuilder(api.url("/api/v1/workers/" + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }
}

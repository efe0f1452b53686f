package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.Worker;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class WorkersIT {
  private static final UUID TASK = UUID.fromString("0199d2b4-5c1e-7abc-8def-0123456789ab");
  private static final UUID INCARNATION = UUID.randomUUID();

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  /** Registered in another order than they are listed in. */
  @BeforeAll
  static void start() {

    register("kind-2", "default", TASK, null);
    register("kind-1", "default", null, null);
    register("kind-10", "gpu", null, "the cluster kind-10 does not answer; start Docker");
    register("silent", "gpu", TASK, null);
    register("gone", "gpu", null, null);
    api.bean(Workers.class).signOff("gone", INCARNATION);
    api.sql()
        .update(
            "UPDATE workers SET last_heartbeat_at = now() - interval '46 seconds'"
                + " WHERE id = 'silent'");
  }

  @Test
  void theListIsOrderedById() {
    JsonNode list = api.get("/api/v1/workers").json();
    assertThat(list.propertyNames()).containsExactly("workers", "total", "next");
    assertThat(ids(list)).containsExactly("gone", "kind-1", "kind-10", "kind-2", "silent");
    assertThat(list.get("total").intValue()).isEqualTo(5);
    assertThat(list.get("next").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&backend_type=gpu", "&status=offline", "&seen_within=1h"})
  void theListIsPagedAndEachPageSaysHowManyThereAre(String filter) {
    JsonNode all = api.get("/api/v1/workers?limit=1000" + filter).json();
    List<String> paged = new ArrayList<>();
    String after = "";
    while (after != null) {
      JsonNode page = api.get("/api/v1/workers?limit=1" + filter + after).json();
      paged.addAll(ids(page));
      assertThat(page.get("total")).isEqualTo(all.get("total"));
      after = page.get("next").isNull() ? null : "&after=" + page.get("next").stringValue();
    }
    assertThat(paged).isEqualTo(ids(all)).isNotEmpty();
  }

  @Test
  void workersThatWereNotHeardOfForLongCanBeLeftOut() {
    String seen = "UPDATE workers SET last_heartbeat_at = now() - interval '%s' WHERE id = 'gone'";
    try {
      api.sql().update(seen.formatted("25 hours"));
      assertThat(ids(api.get("/api/v1/workers?seen_within=26h").json())).contains("gone");
      for (String within : List.of("86400s", "1440m", "24h", "1d")) {
        JsonNode list = api.get("/api/v1/workers?backend_type=gpu&seen_within=" + within).json();
        assertThat(ids(list)).containsExactly("kind-10", "silent");
        assertThat(list.get("total").intValue()).isEqualTo(2);
      }
    } finally {
      api.sql().update(seen.formatted("1 second"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "status=idle,kind-1",
    "status=busy,kind-2",
    "status=quarantined,kind-10",
    "status=offline,gone silent",
    "backend_type=gpu,gone kind-10 silent",
    "backend_type=gpu&status=offline,gone silent",
    "backend_type=default&status=quarantined,''",
    "backend_type=nobody,''"
  })
  void theListIsFiltered(String query, String ids) {
    JsonNode list = api.get("/api/v1/workers?" + query).json();
    assertThat(String.join(" ", ids(list))).isEqualTo(ids);
    assertThat(list.get("total").intValue()).isEqualTo(list.get("workers").size());
  }

  @Test
  void aWorkerIsShownWithAllThatIsKnown() {
    JsonNode worker = api.get("/api/v1/workers/kind-2").json();
    assertThat(worker.propertyNames())
        .containsExactly(
            "id",
            "backend_type",
            "status",
            "status_reason",
            "current_task_id",
            "capabilities",
            "metadata",
            "registered_at",
            "last_heartbeat_at",
            "paused",
            "paused_at",
            "draining",
            "draining_at",
            "drained",
            "reason",
            "last_heartbeat",
            "tasks_completed",
            "tasks_failed");
    assertThat(worker.get("status").stringValue()).isEqualTo("busy");
    assertThat(worker.get("status_reason").isNull()).isTrue();
    assertThat(worker.get("current_task_id").stringValue()).isEqualTo(TASK.toString());
    assertThat(worker.get("capabilities").toString()).isEqualTo("{\"max_parallel_tasks\":1}");
    assertThat(worker.get("metadata").toString()).isEqualTo("{\"host\":\"h\"}");
    assertThat(Instant.parse(worker.get("registered_at").stringValue()))
        .isBeforeOrEqualTo(Instant.parse(worker.get("last_heartbeat_at").stringValue()));
    ((ObjectNode) worker).remove(List.of("tasks_completed", "tasks_failed"));
    assertThat(api.get("/api/v1/workers").json().at("/workers/3")).isEqualTo(worker);
  }

  @Test
  void aQuarantinedWorkerSaysWhy() {
    JsonNode worker = api.get("/api/v1/workers/kind-10").json();
    assertThat(worker.get("status").stringValue()).isEqualTo("quarantined");
    assertThat(worker.get("status_reason").stringValue()).endsWith("start Docker");
    assertThat(worker.get("current_task_id").isNull()).isTrue();
  }

  @Test
  void aSilentWorkerIsOffline() {
    JsonNode worker = api.get("/api/v1/workers/silent").json();
    assertThat(worker.get("status").stringValue()).isEqualTo("offline");
    assertThat(worker.get("current_task_id").stringValue()).isEqualTo(TASK.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?status=asleep",
        "?status=idle&status=busy",
        "?backend_type=",
        "?backend_type=GPU",
        "?backend_type=%00",
        "?limit=0",
        "?limit=1001",
        "?after=",
        "?after=Kind_1",
        "?seen_within=",
        "?seen_within=1w",
        "?seen_within=0s",
        "?seen_within=9999999d",
        "/kind-1?status=idle"
      })
  void aBadParameterIsRefusedByName(String path) {
    Answer answer = api.get("/api/v1/workers" + path);
    assertProblem(answer, 400);
    assertThat(answer.fields())
        .containsExactly(path.substring(path.indexOf('?') + 1, path.indexOf('=')));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind-3", "Kind_1", "%C3%BC", "kind-1%20"})
  void anUnknownWorkerIsAProblem(String id) {
    Answer answer = api.get("/api/v1/workers/" + id);
    assertProblem(answer, 404);
    assertThat(answer.json().get("code").stringValue()).isEqualTo("worker_not_found");
    assertThat(answer.json().get("error").stringValue()).contains("GET /api/v1/workers lists");
  }

  private static void register(
      String id, String backend, @Nullable UUID task, @Nullable String quarantine) {
    var capabilities = Json.mapper().createObjectNode().put("max_parallel_tasks", 1);
    var metadata = Json.mapper().createObjectNode().put("host", "h");
    Workers workers = api.bean(Workers.class);
    workers.register(new Worker(id, backend, INCARNATION, capabilities, metadata));
    workers.beat(List.of(new Worker.Pulse(id, INCARNATION, task, quarantine)));
  }

  private static List<String> ids(JsonNode list) {
    return list.get("workers").valueStream().map(worker -> worker.get("id").stringValue()).toList();
  }
}

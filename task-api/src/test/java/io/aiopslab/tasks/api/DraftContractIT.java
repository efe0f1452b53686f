package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/**
 * What a client and a worker that were written to the public draft of a task execution API for
 * AIOpsLab (microsoft/AIOpsLab#68) send and read, under this service's base path.
 */
class DraftContractIT {
  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void aWorkerRegistersAndBeats() {
    Answer registered =
        api.post(
            "/api/v1/workers/register",
            """
            {"id": "worker-001-kind", "backend_type": "draft",
             "capabilities": {"max_parallel_tasks": 1, "supported_problems": ["p"]},
             "metadata": {"host": "h", "version": "1"}}\
            """);
    assertThat(registered.status()).isEqualTo(201);
    assertThat(registered.id()).isEqualTo("worker-001-kind");
    assertThat(registered.json().get("status").stringValue()).isEqualTo("idle");
    assertThat(registered.json().get("backend_type").stringValue()).isEqualTo("draft");

    String task = api.submit("{\"problem_id\":\"p\",\"backend_type\":\"draft\"}").id();
    for (String current : List.of("null", "\"" + task + "\"")) {
      String status = current.equals("null") ? "idle" : "busy";
      Answer beat =
          api.post(
              "/api/v1/workers/heartbeat",
              "{\"worker_id\":\"worker-001-kind\",\"status\":\"%s\",\"current_task_id\":%s}"
                  .formatted(status, current));
      assertThat(beat.status()).as("%s", beat).isEqualTo(200);
      assertThat(beat.json().get("acknowledged").booleanValue()).isTrue();
    }
    Answer unknown =
        api.post(
            "/api/v1/workers/heartbeat", "{\"worker_id\":\"worker-999-kind\",\"status\":\"idle\"}");
    assertThat(unknown.status()).isEqualTo(404);
    Answer wrong =
        api.post(
            "/api/v1/workers/heartbeat", "{\"worker_id\":\"worker-001-kind\",\"status\":\"x\"}");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.fields()).containsExactly("status");
  }

  @Test
  void aWorkerThatSaysItHasBeenTakenOverIsNotAcknowledged() {
    register("worker-002-kind", "draft-2");
    Answer beat =
        api.post(
            "/api/v1/workers/heartbeat",
            "{\"worker_id\":\"worker-002-kind\",\"status\":\"idle\",\"incarnation\":\"%s\"}"
                .formatted(UUID.randomUUID()));
    assertThat(beat.json().get("taken_over").booleanValue()).isTrue();
    assertThat(beat.json().get("acknowledged").booleanValue()).isFalse();
  }

  @Test
  void aWorkerShowsWhatItHasDone() {
    register("worker-003-kind", "draft-3");
    end("worker-003-kind", "draft-3", TaskStatus.COMPLETED, null);
    end("worker-003-kind", "draft-3", TaskStatus.COMPLETED, null);
    end("worker-003-kind", "draft-3", TaskStatus.FAILED, FailureCode.AGENT_ERROR);
    JsonNode worker = api.get("/api/v1/workers/worker-003-kind").json();
    assertThat(worker.get("tasks_completed").intValue()).isEqualTo(2);
    assertThat(worker.get("tasks_failed").intValue()).isEqualTo(1);
    assertThat(worker.get("last_heartbeat")).isEqualTo(worker.get("last_heartbeat_at"));
    assertThat(worker.get("registered_at").isString()).isTrue();
    JsonNode listed =
        api.get("/api/v1/workers?status=idle&backend_type=draft-3").json().at("/workers/0");
    assertThat(listed.get("id").stringValue()).isEqualTo("worker-003-kind");
    assertThat(listed.get("last_heartbeat").isString()).isTrue();
  }

  @Test
  void aClientSubmitsListsAndReadsLogs() {
    Answer created =
        api.submit(
            """
            {"problem_id": "misconfig_app_hotel_res-detection-1", "backend_type": "draft-4",
             "agent_config": {"model": "gpt-4", "temperature": 0.7},
             "max_steps": 30, "timeout_minutes": 30, "priority": 5, "metadata": {"run": 1}}\
            """);
    assertThat(created.status()).isEqualTo(201);
    Instant written = Instant.parse("2026-11-30T08:00:00Z");
    LogLine line = new LogLine(0, written, LogLevel.INFO, "one", null);
    api.bean(TaskLogs.class)
        .append(List.of(new TaskLogs.Entry(UUID.fromString(created.id()), line)));
    String path = "/api/v1/tasks/" + created.id();
    for (JsonNode shown :
        List.of(
            api.get(path + "/logs?level=info&since=2026-11-30T07:00:00Z").json().at("/logs/0"),
            api.get(path + "?include_logs=true").json().at("/logs/0"))) {
      assertThat(shown.get("timestamp").stringValue()).isEqualTo("2026-11-30T08:00:00Z");
      assertThat(shown.get("ts")).isEqualTo(shown.get("timestamp"));
    }
    JsonNode list =
        api.get("/api/v1/tasks?status=pending&limit=20&offset=0&sort=-created_at").json();
    assertThat(list.propertyNames()).contains("tasks", "total", "limit", "offset");
    assertThat(api.send(java.net.http.HttpRequest.newBuilder(api.url(path)).DELETE()).status())
        .isEqualTo(200);
  }

  @Test
  void aReportedLineMayCarryItsTimeUnderEitherName() {
    register("worker-005-kind", "draft-5");
    api.submit("{\"problem_id\":\"p\",\"backend_type\":\"draft-5\"}");
    JsonNode claimed = api.post("/api/v1/workers/worker-005-kind/claim", "{}").json();
    String run = "/api/v1/workers/worker-005-kind/tasks/" + claimed.at("/task/id").stringValue();
    for (String name : List.of("timestamp", "ts")) {
      Answer taken =
          api.post(
              run + "/logs",
              "{\"session_id\":\"%s\",\"first_seq\":0,\"lines\":[{\"message\":\"m\",\"%s\":\"2026-11-30T08:00:00Z\"}]}"
                  .formatted(claimed.get("session_id").stringValue(), name));
      assertThat(taken.status()).as("%s", taken).isEqualTo(200);
    }
  }

  private static void register(String id, String backend) {
    String body = "{\"id\":\"%s\",\"backend_type\":\"%s\"}".formatted(id, backend);
    assertThat(api.post("/api/v1/workers/register", body).status()).isEqualTo(201);
  }

  /** There is no collector here that would do it. */
  private static void end(
      String worker, String backend, TaskStatus status, @Nullable FailureCode failure) {
    api.submit("{\"problem_id\":\"p\",\"backend_type\":\"%s\"}".formatted(backend));
    JsonNode claimed = api.post("/api/v1/workers/" + worker + "/claim", "{}").json();
    UUID task = UUID.fromString(claimed.at("/task/id").stringValue());
    UUID session = UUID.fromString(claimed.get("session_id").stringValue());
    api.bean(TaskEndings.class)
        .finish(task, session, status, failure, failure == null ? null : "as reported");
  }
}

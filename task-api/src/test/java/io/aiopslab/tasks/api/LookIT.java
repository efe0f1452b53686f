package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.store.RunProgress;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class LookIT {
  private static final Instant THEN = Instant.parse("2026-11-23T08:00:00Z");

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void runningTaskShowsItsProgress() {
    String id = claimed("progress");
    JsonNode silent = api.get("/api/v1/tasks/" + id).json().get("progress");
    assertThat(silent.get("phase").stringValue()).isEqualTo("setup");
    assertThat(silent.get("last_event_at").isNull()).isTrue();
    api.bean(RunProgress.class)
        .advance(
            List.of(
                new RunProgress.Advance(
                    UUID.fromString(id), Phase.RUNNING, 3, 4, Map.of("cpu", 0.5), THEN)));
    JsonNode task = api.get("/api/v1/tasks/" + id).json();
    assertThat(task.get("status").stringValue()).isEqualTo("running");
    assertThat(task.get("worker_id").stringValue()).isEqualTo("worker-1");
    assertThat(task.get("progress").toString())
        .isEqualTo(
            "{\"phase\":\"running\",\"steps\":4,\"max_steps\":30,\"metrics\":{\"cpu\":0.5},"
                + "\"last_event_at\":\"2026-11-23T08:00:00Z\"}");
  }

  @Test
  void waitIsAnsweredWhenTheTaskEnds() throws Exception {
    String id = submitted("wait-end");
    List<CompletableFuture<Answer>> waiting =
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> api.get("/api/v1/tasks/" + id + "?wait=50s"),
                        task -> new Thread(task).start()))
            .toList();
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    cancel(id);
    for (CompletableFuture<Answer> answer : waiting) {
      JsonNode task = answer.get().json();
      assertThat(task.get("status").stringValue()).isEqualTo("cancelled");
      assertThat(task.get("result").isNull()).isTrue();
    }
  }

  @Test
  void waitIsAnsweredWhenTheTimeIsOver() {
    String id = submitted("wait-over");
    Answer answer = api.get("/api/v1/tasks/" + id + "?wait=300ms");
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(answer.json().get("status").stringValue()).isEqualTo("pending");
  }

  @Test
  void waitForAnEndedTaskAnswersAtOnce() {
    String id = submitted("wait-ended");
    cancel(id);
    Answer answer = api.get("/api/v1/tasks/" + id + "?wait=60s&include_logs=true");
    assertThat(answer.json().get("logs_truncated").booleanValue()).isFalse();
    assertThat(answer.json().get("logs").isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?wait=",
        "?wait=30",
        "?wait=-1s",
        "?wait=61s",
        "?wait=2m",
        "?wait=1h",
        "?wait=999999999s",
        "?include_logs=perhaps",
        "?include_log=true",
        "?wait=1s&wait=1s",
        "/logs?limit=0",
        "/logs?limit=1001",
        "/logs?limit=x",
        "/logs?after=-2",
        "/logs?after=1.5",
        "/logs?level=loud",
        "/logs?since=yesterday",
        "/logs?since=%2B99999-01-01T00:00:00Z",
        "/logs?page=1",
        "/steps?limit=0",
        "/steps?limit=1001",
        "/steps?after=-2",
        "/steps?page=1"
      })
  void badParameterIsRefusedByName(String path) {
    Answer answer = api.get("/api/v1/tasks/" + UUID.randomUUID() + path);
    assertProblem(answer, 400);
    String name = path.substring(path.indexOf('?') + 1, path.indexOf('='));
    assertThat(answer.fields()).containsExactly(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?limit=0",
        "?limit=101",
        "?limit=99999999999",
        "?offset=-1",
        "?status=done",
        "?sort=id"
      })
  void badListParameterIsRefusedByName(String query) {
    Answer answer = api.get("/api/v1/tasks" + query);
    assertProblem(answer, 400);
    assertThat(answer.fields()).containsExactly(query.substring(1, query.indexOf('=')));
  }

  @Test
  void whatIsNotThereIsAProblem() {
    assertProblem(api.get("/api/v1/tasks/" + UUID.randomUUID()), 404);
    assertProblem(api.get("/api/v1/tasks/" + UUID.randomUUID() + "/logs"), 404);
    assertProblem(api.get("/api/v1/tasks/" + UUID.randomUUID() + "/steps"), 404);
    assertProblem(api.get("/api/v1/nothing"), 404);
    assertProblem(api.get("/nothing"), 404);
    assertProblem(api.get("/api/v1/tasks/1-1-1-1-1"), 400);
    assertProblem(api.get("/api/v1/tasks/x"), 400);
    assertProblem(api.send(HttpRequest.newBuilder(api.url("/api/v1/tasks")).DELETE()), 405);
    assertProblem(
        api.send(HttpRequest.newBuilder(api.url("/api/v1/tasks")).header("Accept", "text/csv")),
        406);
  }

  @Test
  void logsArePagedAndFiltered() {
    String id = submitted("logs");
    UUID task = UUID.fromString(id);
    api.bean(TaskLogs.class)
        .append(
            LongStream.range(0, 1005)
                .mapToObj(seq -> new TaskLogs.Entry(task, line(seq)))
                .toList());
    String logs = "/api/v1/tasks/" + id + "/logs";
    assertThat(api.get(logs + "?after=1004").json().get("next").longValue()).isEqualTo(1004);
    cancel(id);
    long expected = 0;
    JsonNode next = null;
    do {
      JsonNode page = api.get(logs + "?limit=100" + (next == null ? "" : "&after=" + next)).json();
      for (JsonNode line : page.get("logs")) {
        assertThat(line.get("seq").longValue()).isEqualTo(expected++);
      }
      next = page.get("next");
    } while (!next.isNull());
    assertThat(expected).isEqualTo(1005);
    assertThat(api.get(logs).json().get("logs").size()).isEqualTo(200);
    assertThat(api.get(logs + "?level=warning&limit=1000").json().get("logs").size())
        .isEqualTo(101);
    assertThat(api.get(logs + "?level=WARN&limit=1000").json())
        .isEqualTo(api.get(logs + "?level=warning&limit=1000").json());
    assertThat(api.get(logs + "?since=2026-11-23T09:16:40%2B01:00&limit=1000").json().get("logs"))
        .hasSize(5);
    JsonNode whole = api.get("/api/v1/tasks/" + id + "?include_logs=true").json();
    assertThat(whole.get("logs").size()).isEqualTo(1000);
    assertThat(whole.get("logs_truncated").booleanValue()).isTrue();
  }

  @Test
  void stepsAreShownInOrder() {
    String id = submitted("steps");
    UUID task = UUID.fromString(id);
    api.bean(TaskSteps.class)
        .append(
            List.of(
                new TaskSteps.Entry(
                    task, new Step(1, 0, "env", "ok", null, 3.5, null, null, null, THEN)),
                new TaskSteps.Entry(
                    task, new Step(0, 0, "assistant", "ls", 2.0, null, null, null, null, THEN))));
    JsonNode steps = api.get("/api/v1/tasks/" + id + "/steps").json();
    assertThat(steps.at("/steps/0/role").stringValue()).isEqualTo("assistant");
    assertThat(steps.at("/steps/1/environment_ms").doubleValue()).isEqualTo(3.5);
    assertThat(steps.at("/steps/1/model_ms").isNull()).isTrue();
  }

  @Test
  void stepsArePagedAndTheirPagesAreBounded() {
    String id = submitted("step-pages");
    UUID task = UUID.fromString(id);
    String large = "x".repeat(1_500_000);
    for (int index = 0; index < 7; index++) {
      Step step = new Step(index, index, "env", large, null, null, null, null, null, THEN);
      api.bean(TaskSteps.class).append(List.of(new TaskSteps.Entry(task, step)));
    }
    String steps = "/api/v1/tasks/" + id + "/steps";
    assertThat(api.get(steps + "?limit=2").json().get("next").longValue()).isEqualTo(1);
    assertThat(api.get(steps + "?after=6").json().get("next").longValue()).isEqualTo(6);
    cancel(id);
    int expected = 0;
    int pages = 0;
    JsonNode next = null;
    do {
      JsonNode page = api.get(steps + (next == null ? "" : "?after=" + next)).json();
      assertThat(page.get("steps").size()).isLessThanOrEqualTo(3);
      for (JsonNode step : page.get("steps")) {
        assertThat(step.get("index").intValue()).isEqualTo(expected++);
      }
      next = page.get("next");
      pages++;
    } while (!next.isNull());
    assertThat(expected).isEqualTo(7);
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void listIsNewestFirst() {
    String older = submitted("list");
    String newer = submitted("list");
    cancel(newer);
    JsonNode list = api.get("/api/v1/tasks?status=cancelled&limit=1").json();
    assertThat(list.at("/tasks/0/id").stringValue()).isEqualTo(newer);
    assertThat(list.at("/tasks/0").propertyNames()).doesNotContain("result", "progress");
    assertThat(list.get("total").longValue()).isPositive();
    JsonNode all = api.get("/api/v1/tasks?limit=100").json();
    List<String> ids =
        all.get("tasks").valueStream().map(task -> task.get("id").stringValue()).toList();
    assertThat(ids).containsSubsequence(newer, older);
    assertThat(all.get("limit").intValue()).isEqualTo(100);
  }

  private static LogLine line(long seq) {
    LogLevel level = seq % 10 == 0 ? LogLevel.WARNING : LogLevel.INFO;
    return new LogLine(seq, THEN.plusSeconds(seq), level, "line " + seq, null);
  }

  private static String submitted(String backend) {
    return api.submit("{\"problem_id\":\"p\",\"backend_type\":\"" + backend + "\"}").id();
  }

  private static String claimed(String backend) {
    String id = submitted(backend);
    UUID session = UUID.randomUUID();
    assertThat(api.bean(TaskClaims.class).claim("worker-1", backend, session)).isPresent();
    return id;
  }

  private static void cancel(String id) {
    api.sql()
        .update(
            "UPDATE tasks SET status = 'cancelled', completed_at = now(), changed_by = 'test'"
                + " WHERE id = ?",
            UUID.fromString(id));
  }
}

package io.aiopslab.tasks.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.aiopslab.tasks.api.RunningApi.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class SubmitIT {
  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void everyFieldIsStoredAndReturned() {
    Answer answer =
        api.submit(
            """
            {"problem_id": "p-1", "agent_config": {"agent": "openai", "api_key_env": "KEY",
             "temperature": 0.7, "max_tokens": 9007199254740993},
             "max_steps": 7, "timeout_minutes": 9, "callback_url": "https://trainer.example/x?y=1",
             "metadata": {"a": [1, null, "é😀"]}, "priority": 0, "backend_type": "gpu-1",
             "queue": "ana/grpo-7"}
            """);
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    assertThat(answer.header("Location")).isEqualTo("/api/v1/tasks/" + answer.id());
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    JsonNode task = api.get(answer.header("Location")).json();
    assertThat(task.get("status").stringValue()).isEqualTo("pending");
    assertThat(task.get("priority").intValue()).isZero();
    assertThat(task.get("backend_type").stringValue()).isEqualTo("gpu-1");
    assertThat(task.get("queue").stringValue()).isEqualTo("ana/grpo-7");
    assertThat(task.get("callback_url").stringValue()).isEqualTo("https://trainer.example/x?y=1");
    assertThat(task.get("metadata").toString()).isEqualTo("{\"a\":[1,null,\"é😀\"]}");
    assertThat(task.at("/parameters/max_steps").intValue()).isEqualTo(7);
    assertThat(task.at("/parameters/timeout_minutes").intValue()).isEqualTo(9);
    assertThat(task.at("/parameters/agent_config/max_tokens").longValue())
        .isEqualTo(9007199254740993L);
    assertThat(task.propertyNames())
        .contains("result", "worker_id", "session_id", "failure_code", "started_at")
        .doesNotContain("progress", "logs", "logs_truncated", "summary");
    assertThat(task.get("created_at").stringValue()).endsWith("Z");
  }

  @Test
  void theCallersTraceIsContinued() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    String[] header = {"traceparent", "00-" + trace + "-00f067aa0ba902b7-00"};
    String task = "{\"problem_id\": \"p\", \"backend_type\": \"traced\"}";
    JsonNode one = api.post("/api/v1/tasks", task, header).json();
    JsonNode batch =
        api.post("/api/v1/tasks/batch", "{\"tasks\": [%s, %s]}".formatted(task, task), header)
            .json();
    JsonNode group =
        api.post("/api/v1/groups", "{\"task\": %s, \"samples\": 2}".formatted(task), header).json();
    JsonNode session =
        api.post(
                "/api/v1/sessions",
                "{\"problem_id\": \"p\", \"backend_type\": \"traced\", \"wait\": \"0s\"}",
                header)
            .json();
    assertThat(traceOf(one.get("id"))).isEqualTo(trace);
    assertThat(traceOf(batch.at("/tasks/1/id"))).isEqualTo(trace);
    assertThat(traceOf(group.at("/samples/1/task_id"))).as("%s", group).isEqualTo(trace);
    assertThat(traceOf(session.get("id"))).isEqualTo(trace);
    assertThat(traceOf(api.submit(task).json().get("id")))
        .isNotEqualTo(trace)
        .matches("[0-9a-f]{32}");
  }

  private static String traceOf(JsonNode id) {
    return api.get("/api/v1/tasks/" + id.stringValue()).json().get("trace_id").stringValue();
  }

  @Test
  void whatIsLeftOutOrNullHasItsDefault() {
    Answer answer = api.submit("{\"problem_id\": \"p\", \"priority\": null, \"metadata\": null}");
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    JsonNode task = answer.json();
    assertThat(task.get("priority").intValue()).isEqualTo(5);
    assertThat(task.get("backend_type").stringValue()).isEqualTo("default");
    assertThat(task.get("queue").isNull()).isTrue();
    assertThat(task.get("parameters").toString())
        .isEqualTo("{\"agent_config\":{},\"max_steps\":30,\"timeout_minutes\":30}");
    assertThat(task.get("metadata").isEmpty()).isTrue();
    assertThat(task.get("callback_url").isNull()).isTrue();
  }

  @Test
  void extremeButLegalNumbersSurvive() {
    Answer answer =
        api.submit(
            "{\"problem_id\":\"p\",\"metadata\":{\"a\":1e308,\"b\":4.9e-324,\"c\":-0.0,\"d\":"
                + "9".repeat(309 - 1)
                + "}}");
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    JsonNode metadata = api.get(answer.header("Location")).json().get("metadata");
    assertThat(metadata.get("a").doubleValue()).isEqualTo(1e308);
    assertThat(metadata.get("b").doubleValue()).isEqualTo(4.9e-324);
  }

  static Stream<Arguments> badBodies() {
    String p = "{\"problem_id\":\"p\",";
    return Stream.of(
        bad("not JSON", "problem", "(body)"),
        bad("cut off", p, "problem_id"),
        bad("array", "[]", ""),
        bad("null", "null", ""),
        bad("string", "\"x\"", ""),
        bad("blank", "   ", ""),
        bad("two objects", "{\"problem_id\":\"p\"} {}", "(body)"),
        bad("duplicate", p + "\"max_steps\":1,\"max_steps\":2}", "max_steps"),
        bad("nested duplicate", p + "\"metadata\":{\"a\":{\"b\":1,\"b\":2}}}", "metadata.a.b"),
        bad("no problem", "{}", "problem_id"),
        bad("null problem", "{\"problem_id\":null}", "problem_id"),
        bad("blank problem", "{\"problem_id\":\" \"}", "problem_id"),
        bad("number as problem", "{\"problem_id\":1}", "problem_id"),
        bad("long problem", "{\"problem_id\":\"" + "x".repeat(201) + "\"}", "problem_id"),
        bad("unknown field", p + "\"max_step\":1}", "max_step"),
        bad("text as integer", p + "\"max_steps\":\"5\"}", "max_steps"),
        bad("float as integer", p + "\"max_steps\":5.0}", "max_steps"),
        bad("boolean as integer", p + "\"max_steps\":true}", "max_steps"),
        bad("no steps", p + "\"max_steps\":0}", "max_steps"),
        bad("too many steps", p + "\"max_steps\":1001}", "max_steps"),
        bad("more than an int", p + "\"max_steps\":99999999999999999999}", "max_steps"),
        bad("no time", p + "\"timeout_minutes\":0}", "timeout_minutes"),
        bad("too much time", p + "\"timeout_minutes\":181}", "timeout_minutes"),
        bad("low priority", p + "\"priority\":-1}", "priority"),
        bad("high priority", p + "\"priority\":11}", "priority"),
        bad("array as config", p + "\"agent_config\":[]}", "agent_config"),
        bad("text as metadata", p + "\"metadata\":\"{}\"}", "metadata"),
        bad("blank queue", p + "\"queue\":\"\"}", "queue"),
        bad("queue with a space", p + "\"queue\":\"a b\"}", "queue"),
        bad("newline behind queue", p + "\"queue\":\"a\\n\"}", "queue"),
        bad("long queue", p + "\"queue\":\"" + "x".repeat(101) + "\"}", "queue"),
        bad("backend in capitals", p + "\"backend_type\":\"GPU\"}", "backend_type"),
        bad("newline behind backend", p + "\"backend_type\":\"gpu\\n\"}", "backend_type"),
        bad("long backend", p + "\"backend_type\":\"" + "x".repeat(64) + "\"}", "backend_type"),
        bad("relative URL", p + "\"callback_url\":\"/x\"}", "callback_url"),
        bad("file URL", p + "\"callback_url\":\"file:///etc/passwd\"}", "callback_url"),
        bad("URL without host", p + "\"callback_url\":\"http:///x\"}", "callback_url"),
        bad("URL of loopback", p + "\"callback_url\":\"http://127.0.0.1:9/\"}", "callback_url"),
        bad("URL with password", p + "\"callback_url\":\"http://u:p@h/\"}", "callback_url"),
        bad(
            "long URL",
            p + "\"callback_url\":\"http://h/" + "x".repeat(2000) + "\"}",
            "callback_url"),
        bad("NUL", "{\"problem_id\":\"a\\u0000b\"}", "problem_id"),
        bad("NUL deep down", p + "\"metadata\":{\"a\":[\"\\u0000\"]}}", "metadata.a[0]"),
        bad("NUL in key", p + "\"metadata\":{\"\\u0000\":1}}", "metadata.\\u0000"),
        bad("lone surrogate", p + "\"agent_config\":{\"x\":\"\\ud800\"}}", "agent_config.x"),
        bad("surrogate in key", p + "\"metadata\":{\"\\udc00\":1}}", "metadata"),
        bad("unknown surrogate", "{\"\\ud800\":1}", "(body)"),
        bad("huge number", p + "\"metadata\":{\"x\":1e400000}}", "metadata.x"),
        bad("huge exponent", p + "\"metadata\":{\"x\":1e99999999999}}", "metadata.x"),
        bad("tiny number", p + "\"metadata\":{\"x\":1e-400000}}", "metadata.x"),
        bad("long number", p + "\"metadata\":{\"x\":" + "9".repeat(2000) + "}}", "metadata.x"),
        bad("long fraction", p + "\"metadata\":{\"x\":0." + "9".repeat(900) + "}}", "metadata.x"),
        bad("NaN", p + "\"metadata\":{\"x\":NaN}}", "metadata.x"),
        bad("secret by name", p + "\"agent_config\":{\"api_key\":\"x\"}}", "agent_config.api_key"),
        bad(
            "secret in header",
            p + "\"agent_config\":{\"h\":[{\"Authorization\":\"x\"}]}}",
            "agent_config.h[0].Authorization"),
        bad("secret by look", p + "\"agent_config\":{\"x\":\"sk-abcdefghij\"}}", "agent_config.x"),
        bad("bearer", p + "\"agent_config\":{\"x\":\"Bearer abcdefgh\"}}", "agent_config.x"),
        bad("deep", p + "\"metadata\":" + "{\"a\":".repeat(40) + "1" + "}".repeat(41), ""),
        bad("very deep", p + "\"metadata\":{\"a\":" + "[".repeat(100_000), ""),
        bad("very deep root", "[".repeat(100_000), ""));
  }

  private static Arguments bad(String name, String body, String field) {
    return argumentSet(name, body, field);
  }

  @ParameterizedTest
  @MethodSource("badBodies")
  void badBodyIsRefusedByName(String body, String field) {
    int before = rows();
    Answer answer = api.submit(body);
    assertProblem(answer, 400);
    if (!field.isEmpty()) {
      assertThat(answer.fields()).containsExactly(field);
    }
    assertThat(rows()).isEqualTo(before);
  }

  @Test
  void everythingThatIsWrongIsToldAtOnce() {
    Answer answer =
        api.submit("{\"priority\":11,\"x\":1,\"max_steps\":\"1\",\"metadata\":{\"a\":1e999}}");
    assertProblem(answer, 400);
    assertThat(answer.fields())
        .containsExactlyInAnyOrder("problem_id", "priority", "x", "max_steps", "metadata.a");
    assertThat(answer.json().get("code").stringValue()).isEqualTo("invalid_task");
  }

  @Test
  void secretIsNotRepeatedInTheAnswer() {
    Answer answer =
        api.submit("{\"problem_id\":\"p\",\"agent_config\":{\"password\":\"hunter2\"}}");
    assertProblem(answer, 400);
    assertThat(answer.response().body()).contains("api_key_env").doesNotContain("hunter2");
  }

  @Test
  void bodyMayBeLargeButNotTooLarge() {
    String frame = "{\"problem_id\":\"p\",\"metadata\":{\"x\":\"%s\"}}";
    int room = 256 * 1024 - frame.length() + 2;
    assertThat(api.submit(frame.formatted("x".repeat(room))).status()).isEqualTo(201);
    assertProblem(api.submit(frame.formatted("x".repeat(room + 1))), 413);
    assertProblem(api.submit(frame.formatted("x".repeat(10_000_000))), 413);
    byte[] large = frame.formatted("x".repeat(10_000_000)).getBytes(UTF_8);
    HttpRequest.BodyPublisher chunked =
        BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large));
    assertProblem(api.post(chunked, "application/json"), 413);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] body = "{\"problem_id\":\"p?\"}".getBytes(UTF_8);
    body[16] = (byte) 0xff;
    assertProblem(api.post(BodyPublishers.ofByteArray(body), "application/json"), 400);
  }

  @Test
  void onlyJsonIsTaken() {
    for (String type :
        new String[] {"text/plain", "application/x-www-form-urlencoded", "application/xml"}) {
      assertProblem(api.post(BodyPublishers.ofString("{\"problem_id\":\"p\"}"), type), 415);
    }
  }

  @Test
  void emptyBodyIsRefused() {
    assertProblem(api.post(BodyPublishers.noBody(), "application/json"), 400);
  }

  private static int rows() {
    return api.sql().queryForList("SELECT id FROM tasks").size();
  }

  static void assertProblem(Answer answer, int status) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    JsonNode problem = answer.json();
    assertThat(problem.get("status").intValue()).isEqualTo(status);
    assertThat(problem.get("error").stringValue()).isNotBlank();
    assertThat(problem.get("code").stringValue()).matches("[a-z_]+");
    assertThat(problem.get("details").isArray()).isTrue();
    assertThat(problem.propertyNames()).contains("type", "title", "detail", "instance");
  }
}

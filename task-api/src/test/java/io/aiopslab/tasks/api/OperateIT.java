package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.RunningApi.Answer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

class OperateIT {
  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void healthIsThereUnderEveryName() {
    for (String path :
        new String[] {
          "/health", "/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"
        }) {
      Answer answer = api.get(path);
      assertThat(answer.status()).as("%s: %s", path, answer).isEqualTo(200);
      assertThat(answer.json().get("status").stringValue()).as(path).isEqualTo("UP");
    }
    JsonNode health = api.get("/actuator/health").json();
    assertThat(health.at("/components/broker/details/rabbitmq").isString()).isTrue();
    assertThat(health.at("/components/rabbit").isMissingNode()).isTrue();
  }

  @Test
  void metricsAreThereForPrometheus() {
    api.submit("{\"problem_id\":\"p\"}");
    assertThat(api.get("/actuator/prometheus").response().body())
        .contains(
            "aiopslab_tasks_submitted_total",
            "aiopslab_tickets_batch_seconds_count",
            "aiopslab_tickets_unconfirmed_total");
  }

  @Test
  void openApiDescribesTheCalls() {
    JsonNode api = OperateIT.api.get("/v3/api-docs").json();
    assertThat(api.get("paths").propertyNames())
        .containsExactlyInAnyOrder(
            "/api/v1/tasks",
            "/api/v1/tasks/batch",
            "/api/v1/tasks/stats",
            "/api/v1/tasks/{id}",
            "/api/v1/tasks/{id}/callback",
            "/api/v1/tasks/{id}/callback/redeliver",
            "/api/v1/tasks/{id}/aiopslab-result",
            "/api/v1/tasks/{id}/cancel",
            "/api/v1/tasks/{id}/logs",
            "/api/v1/tasks/{id}/retry",
            "/api/v1/tasks/{id}/steps",
            "/api/v1/tasks/{id}/trajectory",
            "/api/v1/trajectories",
            "/api/v1/schemas/trajectory",
            "/api/v1/sessions",
            "/api/v1/sessions/{id}",
            "/api/v1/sessions/{id}/steps",
            "/api/v1/sessions/{id}/steps/{index}",
            "/api/v1/tasks/{id}/events",
            "/api/v1/workers",
            "/api/v1/workers/{id}",
            "/api/v1/workers/{id}/stats",
            "/api/v1/workers/{id}/pause",
            "/api/v1/workers/{id}/drain",
            "/api/v1/workers/{id}/resume",
            "/api/v1/workers/register",
            "/api/v1/workers/heartbeat",
            "/api/v1/workers/{id}/heartbeat",
            "/api/v1/workers/{id}/sign-off",
            "/api/v1/workers/{id}/claim",
            "/api/v1/workers/{id}/tasks/{task_id}/logs",
            "/api/v1/workers/{id}/tasks/{task_id}/steps",
            "/api/v1/workers/{id}/tasks/{task_id}/progress",
            "/api/v1/workers/{id}/tasks/{task_id}/complete",
            "/api/v1/workers/{id}/tasks/{task_id}/fail",
            "/api/v1/workers/{id}/tasks/{task_id}/cancelled",
            "/api/v1/tasks/cancel",
            "/api/v1/groups",
            "/api/v1/groups/{id}",
            "/api/v1/backends",
            "/api/v1/backends/{type}/capacity",
            "/api/v1/backends/{type}/pause",
            "/api/v1/backends/{type}/resume",
            "/api/v1/dead-letters",
            "/api/v1/dead-letters/{id}",
            "/api/v1/dead-letters/{id}/requeue",
            "/api/v1/dead-letters/requeue",
            "/api/v1/problems");
    assertThat(api.at("/components/schemas/ClaimedTask/properties").propertyNames())
        .containsExactly("task", "session_id", "started_at", "deadline_at", "traceparent");
    assertThat(api.at("/components/schemas/ReportLogs/required").toString())
        .contains("session_id", "first_seq", "lines");
    JsonNode worker = api.at("/components/schemas/RegisteredWorker/properties");
    assertThat(worker.propertyNames())
        .contains("backend_type", "last_heartbeat_at", "capabilities");
    assertThat(worker.at("/status/enum").toString())
        .isEqualTo("[\"idle\",\"busy\",\"quarantined\",\"offline\"]");
    assertThat(worker.at("/status_reason/type").toString()).contains("null");
    assertThat(api.at("/paths/~1api~1v1~1workers~1{id}/get/responses").propertyNames())
        .contains("200", "404", "503");
    JsonNode submit = api.at("/components/schemas/SubmitTask");
    assertThat(submit.get("required").toString()).isEqualTo("[\"problem_id\"]");
    assertThat(submit.get("properties").propertyNames())
        .containsExactlyInAnyOrder(
            "problem_id",
            "agent_config",
            "max_steps",
            "timeout_minutes",
            "callback_url",
            "metadata",
            "priority",
            "backend_type",
            "queue");
    assertThat(submit.at("/properties/max_steps/maximum").intValue()).isEqualTo(1000);
    assertThat(submit.at("/properties/agent_config/type").toString())
        .isEqualTo("[\"object\",\"null\"]");
    for (String anything :
        List.of(
            "Step/properties/logprobs",
            "ReportedStep/properties/tokens",
            "TaskResult/properties/output",
            "CompleteTask/properties/result")) {
      JsonNode schema = api.at("/components/schemas/" + anything);
      assertThat(schema.has("description")).as(anything).isTrue();
      assertThat(schema.has("type")).as(anything).isFalse();
    }
    assertThat(api.at("/components/schemas/Task/properties").propertyNames())
        .contains("id", "problem_id", "created_at", "result", "logs_truncated");
    assertThat(api.at("/components/schemas/TaskResult/properties").propertyNames())
        .contains("reward_components", "stop_reason");
    assertThat(api.at("/components/schemas/Problem/properties").propertyNames())
        .contains("error", "code", "details");
    for (String call : List.of("/delete", "~1cancel/post")) {
      JsonNode cancel = api.at("/paths/~1api~1v1~1tasks~1{id}" + call + "/responses");
      assertThat(cancel.propertyNames()).as(call).contains("200", "404", "409", "503");
      assertThat(cancel.at("/409/content/application~1problem+json/example/code").stringValue())
          .isEqualTo("task_already_ended");
    }
    JsonNode answers = api.at("/paths/~1api~1v1~1tasks/post/responses");
    assertThat(answers.propertyNames()).contains("201", "400", "413", "415", "503");
    assertThat(answers.at("/400/content").propertyNames())
        .containsExactly("application/problem+json");
    assertThat(answers.at("/201/content").propertyNames()).containsExactly("application/json");
    assertThat(answers.propertyNames()).contains("200", "409");
    JsonNode parameters = api.at("/paths/~1api~1v1~1tasks/get/parameters");
    assertThat(parameters.valueStream().map(parameter -> parameter.get("name").stringValue()))
        .contains("status", "metadata.<key>", "created_after", "cursor", "id", "wait_for", "sort")
        .doesNotContain("parameters");
    assertThat(parameters.toString())
        .contains("[\"created_at\",\"-created_at\",\"priority\",\"-priority\"]");
    assertThat(api.at("/components/schemas/SubmitTasks/properties/tasks/maxItems").intValue())
        .isEqualTo(1000);
  }

  @Test
  void swaggerUiIsServed() {
    Answer answer = api.get("/docs");
    assertThat(answer.status()).isEqualTo(302);
    assertThat(api.get(answer.header("Location")).response().body()).contains("swagger-ui");
  }

  /** What the web server refuses by itself is a problem too. */
  @Test
  void malformedRequestLineIsAProblem() throws IOException {
    try (Socket socket = new Socket("localhost", api.url("/").getPort())) {
      socket.setSoTimeout(30_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/tasks?status=a|b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer)
          .startsWith("HTTP/1.1 400")
          .contains("application/problem+json")
          .contains("\"code\":\"bad_request\"");
    }
  }
}

package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

class CallbackIT {
  private static final String URL = "https://trainer.example/done";

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void isShownWithTheTaskFromTheBeginning() {
    Answer submitted = submit("begin");
    String expected =
        "{\"url\":\"%s\",\"state\":\"pending\",\"attempts\":0,\"next_attempt_at\":null,\"last_attempt\":null}"
            .formatted(URL);
    assertThat(submitted.json().get("callback").toString()).isEqualTo(expected);
    JsonNode task = api.get("/api/v1/tasks/" + submitted.id()).json();
    assertThat(task.get("callback").toString()).isEqualTo(expected);
    assertThat(api.get(path(submitted.id())).json().get("webhook_id").isNull()).isTrue();
  }

  @Test
  void isNotShownWhereThereIsNone() {
    String id = api.submit("{\"problem_id\":\"p\",\"backend_type\":\"none\"}").id();
    assertThat(api.get("/api/v1/tasks/" + id).json().propertyNames()).doesNotContain("callback");
    assertCode(api.get(path(id)), 404, "callback_not_found");
    assertCode(redeliver(id), 404, "callback_not_found");
    assertCode(api.get(path(UUID.randomUUID().toString())), 404, "task_not_found");
    assertCode(redeliver(UUID.randomUUID().toString()), 404, "task_not_found");
  }

  @Test
  void everyAttemptIsShown() {
    String id = failedOnce("attempts");
    JsonNode last = api.get("/api/v1/tasks/" + id).json().at("/callback/last_attempt");
    assertThat(last.get("status").intValue()).isEqualTo(500);
    assertThat(last.get("error").stringValue()).isEqualTo("It answered 500.");
    assertThat(last.get("at").isNull()).isFalse();
    JsonNode report = api.get(path(id)).json();
    assertThat(report.get("webhook_id").stringValue()).isEqualTo("msg_" + id.replace("-", ""));
    assertThat(report.get("state").stringValue()).isEqualTo("exhausted");
    assertThat(report.get("attempts").intValue()).isEqualTo(1);
    assertThat(report.at("/history/0/number").intValue()).isEqualTo(1);
    assertThat(report.at("/history/0/error_kind").stringValue()).isEqualTo("status");
    assertThat(report.at("/history/0/duration_ms").intValue()).isEqualTo(12);
  }

  @Test
  void redeliverMakesItDueNow() {
    String id = failedOnce("redeliver");
    Answer answer = redeliver(id);
    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    assertThat(answer.json().get("state").stringValue()).isEqualTo("pending");
    assertThat(answer.json().get("next_attempt_at").isNull()).isFalse();
    assertThat(api.get(path(id)).json().at("/history")).hasSize(1);
  }

  @Test
  void redeliverOfATaskThatHasNotEndedIsAConflict() {
    Answer answer = redeliver(submit("conflict").id());
    assertCode(answer, 409, "task_not_ended");
    assertThat(answer.json().get("error").stringValue()).contains("wait=60s");
  }

  @Test
  void isDescribed() {
    JsonNode description = api.get("/v3/api-docs").json();
    JsonNode redeliver = description.at("/paths/~1api~1v1~1tasks~1{id}~1callback~1redeliver/post");
    assertThat(redeliver.at("/responses").propertyNames()).contains("202", "404", "409", "503");
    assertThat(description.at("/components/schemas/Task/properties").propertyNames())
        .contains("callback");
    assertThat(description.at("/components/schemas/CallbackReport/properties").propertyNames())
        .contains("webhook_id", "history", "next_attempt_at");
  }

  private static void assertCode(Answer answer, int status, String code) {
    assertProblem(answer, status);
    assertThat(answer.json().get("code").stringValue()).isEqualTo(code);
  }

  private static Answer submit(String backend) {
    return api.submit(
        "{\"problem_id\":\"p\",\"backend_type\":\"%s\",\"callback_url\":\"%s\"}"
            .formatted(backend, URL));
  }

  private static String failedOnce(String backend) {
    String id = submit(backend).id();
    UUID task = UUID.fromString(id);
    api.sql()
        .update(
            "UPDATE tasks SET status = 'cancelled', completed_at = now(), changed_by = 'test'"
                + " WHERE id = ?",
            task);
    CallbackDeliveries deliveries = api.bean(CallbackDeliveries.class);
    UUID claim = UUID.randomUUID();
    api.sql().update("UPDATE callback_deliveries SET claim = ? WHERE task_id = ?", claim, task);
    deliveries.record(
        task,
        claim,
        new CallbackDeliveries.Attempted(
            Duration.ofMillis(12),
            500,
            CallbackError.STATUS,
            "It answered 500.",
            CallbackState.EXHAUSTED,
            null));
    return id;
  }

  private static String path(String id) {
    return "/api/v1/tasks/" + id + "/callback";
  }

  private static Answer redeliver(String id) {
    return api.send(
        HttpRequest.newBuilder(api.url(path(id) + "/redeliver")).POST(BodyPublishers.noBody()));
  }
}

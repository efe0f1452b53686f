package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.DistantBroker;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class CancelIT {
  @RegisterExtension
  static final RunningApi api = RunningApi.onItsOwnServers("--aiopslab.cancel.repeat-interval=1h");

  @Test
  void pendingTaskIsCancelledAtOnceAndWaitersSeeIt() throws Exception {
    String id = submitted("pending");
    ExecutorService one = Executors.newSingleThreadExecutor();
    try {
      CompletableFuture<Answer> waiter =
          CompletableFuture.supplyAsync(() -> api.get("/api/v1/tasks/" + id + "?wait=50s"), one);
      Answer answer = cancel(id, "{\"reason\": \"The policy has moved on.\"}");
      assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
      JsonNode task = answer.json();
      assertThat(task.get("status").stringValue()).isEqualTo("cancelled");
      assertThat(task.get("cancel_reason").stringValue()).isEqualTo("The policy has moved on.");
      assertThat(task.get("cancel_requested_at")).isEqualTo(task.get("completed_at"));
      assertThat(task.get("failure_code").isNull()).isTrue();
      assertThat(waiter.get().json().get("status").stringValue()).isEqualTo("cancelled");
    } finally {
      one.shutdownNow();
    }
  }

  @Test
  void runningTaskIsAskedToEndAndItsWorkerIsTold() throws Exception {
    UUID session = UUID.randomUUID();
    String id = running("told", session);
    Answer first = cancel(id, "{\"reason\": \"first\"}");
    assertThat(first.status()).isEqualTo(200);
    assertThat(first.json().get("status").stringValue()).isEqualTo("running");
    assertThat(first.json().get("cancel_requested_at").isString()).isTrue();
    assertThat(first.json().at("/progress/phase").stringValue()).isEqualTo("setup");

    Answer again = delete(id);
    assertThat(again.status()).isEqualTo(200);
    for (String member : List.of("status", "cancel_requested_at", "cancel_reason")) {
      assertThat(again.json().get(member)).as(member).isEqualTo(first.json().get(member));
    }

    assertThat(command(api.broker(), "worker-told"))
        .isEqualTo(ClusterCommand.cancel(UUID.fromString(id), session));
    end(id, session, TaskStatus.CANCELLED);
    assertThat(api.get("/api/v1/tasks/" + id).json().get("cancel_reason").stringValue())
        .isEqualTo("first");
  }

  @Test
  void theWorkerIsToldSoonOfWhatSomebodyElseAskedFor() throws Exception {
    UUID session = UUID.randomUUID();
    UUID id = UUID.fromString(running("elsewhere", session));
    assertThat(api.bean(TaskCancels.class).request(id, "enough")).isPresent();
    assertThat(command(api.broker(), "worker-elsewhere"))
        .isEqualTo(ClusterCommand.cancel(id, session));
  }

  /** The oldest that do not end must not keep the others from being told. */
  @Test
  void thousandsThatShallEndAreToldAtOnce() throws Exception {
    int many = 1100;
    try (Connection connection = api.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      Topology.commands("worker-many").declare(channel);
      api.sql()
          .update(
              """
              INSERT INTO tasks (id, problem_id, backend_type, priority, max_steps, timeout_minutes,
                                 agent_config, metadata, changed_by)
              SELECT gen_random_uuid(), 'p', 'many', 5, 1, 60, '{}', '{}', 'test'
              FROM generate_series(1, ?)
              """,
              many);
      api.sql()
          .update(
              """
              UPDATE tasks SET status = 'running', session_id = gen_random_uuid(),
                worker_id = 'worker-many', started_at = now(),
                deadline_at = now() + interval '1 hour', cancel_requested_at = now()
              WHERE backend_type = 'many'
              """);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> channel.messageCount(Topology.commandQueue("worker-many")) == many);
    } finally {
      api.sql()
          .update(
              "UPDATE tasks SET status = 'cancelled', completed_at = now()"
                  + " WHERE backend_type = 'many'");
    }
  }

  @ParameterizedTest
  @CsvSource({"COMPLETED, completed", "CANCELLED, cancelled"})
  void anEndIsFinal(TaskStatus status, String name) {
    UUID session = UUID.randomUUID();
    String id = running("final-" + name, session);
    end(id, session, status);
    for (Answer answer : List.of(delete(id), cancel(id, "{}"))) {
      assertProblem(answer, 409, "task_already_ended");
      assertThat(answer.json().get("error").stringValue()).contains(id).contains(name);
    }
  }

  @Test
  void unknownTaskIsNotFound() {
    assertProblem(delete(UUID.randomUUID().toString()), 404, "task_not_found");
    assertProblem(cancel(UUID.randomUUID().toString(), "{}"), 404, "task_not_found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"why\": 1} | invalid_cancel",
        "{\"reason\": 1} | invalid_cancel",
        "{\"reason\": \"\\u0000\"} | invalid_cancel",
        "{\"reason\": \"a\", \"reason\": \"b\"} | malformed_json",
        "[] | not_an_object",
        "{} {} | malformed_json",
        "{ | malformed_json"
      })
  void aBodyThatIsWrongIsRefused(String body, String code) {
    String id = submitted("wrong-body");
    assertProblem(cancel(id, body), 400, code);
    assertThat(api.get("/api/v1/tasks/" + id).json().get("status").stringValue())
        .isEqualTo("pending");
  }

  @Test
  void aReasonHasFiveHundredCharacters() {
    String longest = "🚀".repeat(500);
    JsonNode task = cancel(submitted("long"), "{\"reason\": \"" + longest + "\"}").json();
    assertThat(task.get("cancel_reason").stringValue()).isEqualTo(longest);
    Answer tooLong = cancel(submitted("long"), "{\"reason\": \"" + longest + "x\"}");
    assertProblem(tooLong, 400, "invalid_cancel");
    assertThat(tooLong.fields()).containsExactly("reason");
    assertProblem(cancel(submitted("long"), " ".repeat(20_000)), 413, "body_too_large");
  }

  @Test
  void theBodyMayBeMissing() {
    Answer answer =
        api.send(
            HttpRequest.newBuilder(api.url("/api/v1/tasks/" + submitted("bare") + "/cancel"))
                .POST(BodyPublishers.noBody()));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.json().get("cancel_reason").isNull()).isTrue();
  }

  @Test
  void theCommandIsRepeatedUntilTheBrokerIsBackAndTheRunHasEnded() throws Exception {
    try (TestDatabase own = TestDatabase.createMigrated();
        DistantBroker away = TestBroker.createDistant();
        RunningApi dark = RunningApi.start(own, away, "--aiopslab.cancel.repeat-interval=200ms")) {
      String id = dark.submit("{\"problem_id\": \"p\", \"backend_type\": \"dark\"}").id();
      UUID session = UUID.randomUUID();
      assertThat(dark.bean(TaskClaims.class).claim("worker-dark", "dark", session)).isPresent();
      away.stop();
      Answer answer = dark.send(HttpRequest.newBuilder(dark.url("/api/v1/tasks/" + id)).DELETE());
      assertThat(answer.status()).isEqualTo(200);
      away.start();
      ClusterCommand command = ClusterCommand.cancel(UUID.fromString(id), session);
      List<ClusterCommand> taken = new ArrayList<>();
      taken.add(command(away, "worker-dark"));
      taken.add(command(away, "worker-dark"));
      assertThat(taken).containsExactly(command, command);
    }
  }

  private static ClusterCommand command(TestBroker from, String worker) throws Exception {
    try (Connection connection = from.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      Topology.commands(worker).declare(channel);
      GetResponse message =
          await()
              .atMost(Duration.ofSeconds(30))
              .until(
                  () -> channel.basicGet(Topology.commandQueue(worker), true), got -> got != null);
      return ClusterCommand.fromBytes(message.getBody());
    }
  }

  private static String submitted(String backend) {
    return api.submit("{\"problem_id\": \"p\", \"backend_type\": \"" + backend + "\"}").id();
  }

  private static String running(String backend, UUID session) {
    String id = submitted(backend);
    assertThat(api.bean(TaskClaims.class).claim("worker-" + backend, backend, session)).isPresent();
    return id;
  }

  private static void end(String id, UUID session, TaskStatus status) {
    api.bean(TaskEndings.class).finish(UUID.fromString(id), session, status, null, null);
  }

  private static Answer delete(String id) {
    return api.send(HttpRequest.newBuilder(api.url("/api/v1/tasks/" + id)).DELETE());
  }

  private static Answer cancel(String id, String body) {
    return api.send(
        HttpRequest.newBuilder(api.url("/api/v1/tasks/" + id + "/cancel"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private static void assertProblem(Answer answer, int status, String code) {
    SubmitIT.assertProblem(answer, status);
    assertThat(answer.json().get("code").stringValue()).isEqualTo(code);
  }
}

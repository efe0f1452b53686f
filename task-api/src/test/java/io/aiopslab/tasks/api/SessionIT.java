package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.StepAnswer;
import io.aiopslab.tasks.store.RunBriefings;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Transition;
import io.aiopslab.tasks.testing.OddMessages;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import tools.jackson.databind.JsonNode;

/** The rules of sessions; the test is their worker and their collector. */
class SessionIT {
  private static final String SESSIONS = "/api/v1/sessions";

  @RegisterExtension
  static final RunningApi api =
      RunningApi.onItsOwnServers("--aiopslab.sessions.repeat-interval=300ms");

  @Test
  void withoutAFreeClusterItIsPendingAtItsPlaceInTheQueue() {
    Answer first = open("busy", "\"wait\": \"0s\", \"metadata\": {\"run\": \"a\"}");
    assertThat(first.status()).as(first.toString()).isEqualTo(202);
    assertThat(first.json().get("state").stringValue()).isEqualTo("pending");
    assertThat(first.json().get("queue_place").intValue()).isEqualTo(1);
    assertThat(first.header("Location")).isEqualTo(SESSIONS + "/" + first.id());
    assertThat(open("busy", "\"wait\": \"0s\"").json().get("queue_place").intValue()).isEqualTo(2);
    assertThat(
            open("busy", "\"wait\": \"0s\", \"priority\": 9").json().get("queue_place").intValue())
        .isEqualTo(1);

    Answer task = api.get("/api/v1/tasks/" + first.id());
    assertThat(task.json().at("/parameters/agent_config/agent").asString()).isEqualTo("external");
    Answer step = step(first.id(), 0, "x");
    assertThat(step.status()).isEqualTo(409);
    assertThat(code(step)).isEqualTo("session_not_open");
    assertThat(end(first.id()).json().get("state").stringValue()).isEqualTo("cancelled");
    assertThat(end(first.id()).status()).isEqualTo(200);
    assertThat(code(step(first.id(), 0, "x"))).isEqualTo("session_cancelled");
  }

  @Test
  void itsWorldMayHaveASeed() {
    Answer opened = open("seeded", "\"wait\": \"0s\", \"seed\": -9007199254740993");
    JsonNode config = api.get("/api/v1/tasks/" + opened.id()).json().at("/parameters/agent_config");
    assertThat(config.toString())
        .isEqualTo("{\"agent\":\"external\",\"environment_seed\":-9007199254740993}");
  }

  @Test
  void itIsAnsweredWhenItOpensWithTheFirstObservation() {
    CompletableFuture<Answer> opening =
        CompletableFuture.supplyAsync(() -> open("opens", "\"wait\": \"50s\""));
    Worker worker = await().until(() -> Worker.claim("opens"), found -> found != null);
    worker.open();
    Answer answer = opening.join();
    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    assertThat(answer.json().get("state").stringValue()).isEqualTo("open");
    assertThat(answer.json().at("/observation/actions/submit").asString()).isEqualTo("ends it");
    assertThat(answer.json().get("next_index").intValue()).isZero();
    assertThat(answer.json().get("idle_deadline_at").isString()).isTrue();
    assertThat(answer.json().get("worker_id").stringValue()).isEqualTo("kind-opens");
    Answer look = api.get(SESSIONS + "/" + answer.id() + "?wait=50s");
    assertThat(look.json().get("state").stringValue()).isEqualTo("open");
  }

  @Test
  void aSetUpThatFailsIsShownToWhoWaits() {
    CompletableFuture<Answer> opening =
        CompletableFuture.supplyAsync(() -> open("broken", "\"wait\": \"50s\""));
    Worker worker = await().until(() -> Worker.claim("broken"), found -> found != null);
    worker.fail(FailureCode.ENVIRONMENT_SETUP_FAILED, "no pods; look at them");
    Answer answer = opening.join();
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json().get("state").stringValue()).isEqualTo("failed");
    assertThat(answer.json().get("failure_code").stringValue())
        .isEqualTo("environment_setup_failed");
    assertThat(answer.json().get("error_details").stringValue()).isEqualTo("no pods; look at them");
  }

  @Test
  void anIdempotencyKeyOpensOneSession() {
    String body = body("keyed", "\"wait\": \"0s\"");
    String again = body("keyed", "\"wait\": \"100ms\"");
    Answer first = api.post(SESSIONS, body, "Idempotency-Key", "one-session");
    Answer second = api.post(SESSIONS, again, "Idempotency-Key", "one-session");
    assertThat(second.status()).isEqualTo(202);
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
    Answer other =
        api.post(
            SESSIONS,
            body("keyed", "\"wait\": \"0s\", \"max_steps\": 3"),
            "Idempotency-Key",
            "one-session");
    assertThat(code(other)).isEqualTo("idempotency_key_reused");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | problem_id",
        "{\"problem_id\": \"p\", \"max_steps\": 0} | max_steps",
        "{\"problem_id\": \"p\", \"idle_timeout_seconds\": 10801} | idle_timeout_seconds",
        "{\"problem_id\": \"p\", \"wait\": \"soon\"} | wait",
        "{\"problem_id\": \"p\", \"wait\": \"61s\"} | wait",
        "{\"problem_id\": \"p\", \"agent_config\": {}} | agent_config",
      })
  void whatIsWrongWithAnOpeningIsNamed(String body, String field) {
    Answer answer = api.post(SESSIONS, body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.fields()).containsExactly(field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"action\": \"x\"} | index",
        "{\"index\": 0} | action",
        "{\"index\": 1000, \"action\": \"x\"} | index",
        "{\"index\": 0, \"action\": \"x\\u0000\"} | action",
        "{\"index\": 0, \"action\": \"x\", \"timeout\": \"1h\"} | timeout",
      })
  void whatIsWrongWithAStepIsNamed(String body, String field) {
    Answer answer = api.post(SESSIONS + "/" + UUID.randomUUID() + "/steps", body);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    assertThat(answer.fields()).containsExactly(field);
  }

  @Test
  void anActionOfMoreThan64KiCharactersIsRefused() {
    Answer answer = step(UUID.randomUUID().toString(), 0, "x".repeat(65537));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.fields()).containsExactly("action");
  }

  @Test
  void whatIsNoSessionIsNotFound() {
    String task = api.submit("{\"problem_id\": \"p\", \"backend_type\": \"other\"}").id();
    for (String id : List.of(task, UUID.randomUUID().toString())) {
      assertThat(code(api.get(SESSIONS + "/" + id))).isEqualTo("session_not_found");
      assertThat(code(step(id, 0, "x"))).isEqualTo("session_not_found");
      assertThat(code(end(id))).isEqualTo("session_not_found");
    }
  }

  @Test
  void aStepTravelsToTheWorkerAndItsAnswerBackOnce() {
    Worker worker = Worker.opened("steps");
    String id = worker.id();
    CompletableFuture<Answer> step = CompletableFuture.supplyAsync(() -> step(id, 0, "look"));
    ClusterCommand command = worker.hear();
    assertThat(stepOf(command).index()).isZero();
    assertThat(stepOf(command).action()).isEqualTo("look");
    worker.answer(command, "all is well");
    Answer answer = step.join();
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.json().get("observation").stringValue()).isEqualTo("all is well");
    assertThat(answer.json().get("done").booleanValue()).isFalse();
    assertThat(answer.json().get("reward").isNull()).isTrue();
    assertThat(answer.json().at("/info/environment_ms").doubleValue()).isEqualTo(1.5);

    worker.answer(command, "another answer comes too late");
    assertThat(step(id, 0, "look").json()).isEqualTo(answer.json());
    assertThat(api.get(SESSIONS + "/" + id + "/steps/0").json()).isEqualTo(answer.json());
    Answer other = step(id, 0, "look elsewhere");
    assertThat(other.status()).isEqualTo(409);
    assertThat(code(other)).isEqualTo("index_used");
    assertThat(code(step(id, 2, "x"))).isEqualTo("step_out_of_order");
    assertThat(code(api.get(SESSIONS + "/" + id + "/steps/1"))).isEqualTo("step_not_found");
    Answer look = api.get(SESSIONS + "/" + id);
    assertThat(look.json().get("next_index").intValue()).isEqualTo(1);
    assertThat(look.json().at("/steps/0/action").stringValue()).isEqualTo("look");
  }

  @Test
  void aSlowStepIsAskedAboutAgainAndFetchedLater() {
    Worker worker = Worker.opened("slow");
    String id = worker.id();
    Answer slow = step(id, 0, "look", "50ms");
    assertThat(slow.status()).isEqualTo(202);
    assertThat(slow.json().get("answered").booleanValue()).isFalse();
    assertThat(state(id)).isEqualTo("stepping");
    assertThat(code(step(id, 1, "x"))).isEqualTo("step_unanswered");
    ClusterCommand lost = worker.hear();
    CompletableFuture<Answer> later =
        CompletableFuture.supplyAsync(() -> api.get(SESSIONS + "/" + id + "/steps/0?wait=50s"));
    ClusterCommand again = worker.hear();
    assertThat(again).isEqualTo(lost);
    assertThat(worker.hear()).as("asked about once more").isEqualTo(lost);
    worker.answer(again, "at last");
    assertThat(later.join().json().get("observation").stringValue()).isEqualTo("at last");
    assertThat(step(id, 0, "look").status()).isEqualTo(200);
  }

  /** Of all that may be worked on at once none is left if they did. */
  @Test
  void thoseWhoWaitForAStepHoldNoThread() {
    Worker worker = Worker.opened("crowd");
    String id = worker.id();
    assertThat(step(id, 0, "look", "0s").status()).isEqualTo(202);
    ExecutorService clients = Executors.newFixedThreadPool(60);
    try {
      List<CompletableFuture<Answer>> waiting = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        waiting.add(
            CompletableFuture.supplyAsync(
                () -> api.get(SESSIONS + "/" + id + "/steps/0?wait=50s"), clients));
      }
      await("all wait")
          .atMost(Duration.ofSeconds(30))
          .until(() -> activeRequests() >= waiting.size());
      assertThat(state(id)).isEqualTo("stepping");
      worker.answer(worker.hear(), "for all");
      assertThat(waiting)
          .allSatisfy(
              one ->
                  assertThat(one.join().json().get("observation").stringValue())
                      .isEqualTo("for all"));
    } finally {
      clients.shutdownNow();
    }
  }

  @Test
  void theLastStepIsAnsweredWithTheReward() {
    Worker worker = Worker.opened("last");
    String id = worker.id();
    CompletableFuture<Answer> step = CompletableFuture.supplyAsync(() -> step(id, 0, "submit()"));
    worker.hear();
    worker.complete("submitted", 1.0);
    Answer answer = step.join();
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.json().get("observation").stringValue()).isEqualTo("VALID_SUBMISSION");
    assertThat(answer.json().get("done").booleanValue()).isTrue();
    assertThat(answer.json().get("truncated").booleanValue()).isFalse();
    assertThat(answer.json().get("reward").doubleValue()).isEqualTo(1.0);
    assertThat(answer.json().at("/reward_components/detection").doubleValue()).isEqualTo(1.0);
    assertThat(answer.json().at("/info/stop_reason").stringValue()).isEqualTo("submitted");
    assertThat(step(id, 0, "submit()").json()).isEqualTo(answer.json());

    Answer more = step(id, 1, "x");
    assertThat(more.status()).isEqualTo(409);
    assertThat(code(more)).isEqualTo("session_done");
    assertThat(end(id).json().get("state").stringValue()).isEqualTo("completed");
    assertThat(end(id).json().get("reward").doubleValue()).isEqualTo(1.0);
    assertThat(end(id).json().get("next_index").isNull()).isTrue();
  }

  @Test
  void usedUpStepsAreTruncation() {
    Worker worker = Worker.opened("truncated");
    CompletableFuture<Answer> step = CompletableFuture.supplyAsync(() -> step(worker.id(), 0, "x"));
    worker.hear();
    worker.complete("max_steps", 0.0);
    assertThat(step.join().json().get("truncated").booleanValue()).isTrue();
  }

  @Test
  void headersNestedByTheThousandKeepNoAnswerAway() throws Exception {
    Worker worker = Worker.opened("deep");
    CompletableFuture<Answer> first =
        CompletableFuture.supplyAsync(() -> step(worker.id(), 0, "x"));
    ClusterCommand command = worker.hear();
    worker.answer(command, "well");
    assertThat(first.join().json().path("observation").stringValue()).isEqualTo("well");
    try (Connection connection = api.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      OddMessages.publishDeep(channel, Topology.REPLIES_EXCHANGE.name(), stepOf(command).replyTo());
    }
    CompletableFuture<Answer> second =
        CompletableFuture.supplyAsync(() -> step(worker.id(), 1, "y"));
    ClusterCommand next = worker.hear();
    while (stepOf(next).index() == 0) { // it may have been told twice
      next = worker.hear();
    }
    worker.answer(next, "all is well");
    assertThat(second.join().json().path("observation").stringValue()).isEqualTo("all is well");
  }

  @Test
  void aLostWorkerEndsTheSessionWithItsCode() {
    Worker worker = Worker.opened("lost");
    String id = worker.id();
    CompletableFuture<Answer> step = CompletableFuture.supplyAsync(() -> step(id, 0, "x"));
    worker.hear();
    worker.fail(FailureCode.WORKER_LOST, "worker kind-lost is silent");
    for (Answer answer :
        List.of(step.join(), step(id, 0, "x"), api.get(SESSIONS + "/" + id + "/steps/0"))) {
      assertThat(answer.status()).as(answer.toString()).isEqualTo(410);
      assertThat(code(answer)).isEqualTo("worker_lost");
      assertThat(answer.json().get("error").stringValue()).contains("open a new one");
    }
    assertThat(state(id)).isEqualTo("failed");
  }

  @Test
  void aSessionThatIsEndedTakesNoMoreSteps() {
    Worker worker = Worker.opened("ended");
    assertThat(end(worker.id()).json().get("state").stringValue()).isEqualTo("closing");
    ClusterCommand command = worker.hear();
    assertThat(command.kind()).isEqualTo(ClusterCommand.CANCEL);
    Answer step = step(worker.id(), 0, "x");
    assertThat(step.status()).isEqualTo(410);
    assertThat(code(step)).isEqualTo("session_cancelled");
  }

  @Test
  void aWorkerOverHttpPassesSessionsOver() {
    open("http", "\"wait\": \"0s\"");
    String register = "{\"id\": \"http-worker\", \"backend_type\": \"http\"}";
    assertThat(api.post("/api/v1/workers/register", register).status()).isEqualTo(201);
    assertThat(api.post("/api/v1/workers/http-worker/claim?wait=200ms", "{}").status())
        .isEqualTo(204);
    String task = api.submit("{\"problem_id\": \"p\", \"backend_type\": \"http\"}").id();
    Answer claim = api.post("/api/v1/workers/http-worker/claim?wait=10s", "{}");
    assertThat(claim.json().at("/task/id").stringValue()).isEqualTo(task);
  }

  private static Answer open(String backend, String more) {
    return api.post(SESSIONS, body(backend, more));
  }

  private static String body(String backend, String more) {
    return "{\"problem_id\": \"p\", \"backend_type\": \"%s\", %s}".formatted(backend, more);
  }

  private static Answer step(String id, int index, String action) {
    return step(id, index, action, "50s");
  }

  private static Answer step(String id, int index, String action, String timeout) {
    return api.post(
        SESSIONS + "/" + id + "/steps",
        Json.mapper()
            .createObjectNode()
            .put("index", index)
            .put("action", action)
            .put("timeout", timeout)
            .toString());
  }

  private static Answer end(String id) {
    return api.send(HttpRequest.newBuilder(api.url(SESSIONS + "/" + id)).DELETE());
  }

  private static int activeRequests() {
    return api
        .bean(MeterRegistry.class)
        .find("http.server.requests.active")
        .longTaskTimers()
        .stream()
        .mapToInt(LongTaskTimer::activeTasks)
        .sum();
  }

  private static String state(String id) {
    return api.get(SESSIONS + "/" + id).json().get("state").stringValue();
  }

  private static ClusterCommand.Step stepOf(ClusterCommand command) {
    return Objects.requireNonNull(command.step());
  }

  private static String code(Answer answer) {
    return answer.json().get("code").stringValue();
  }

  /** What a worker does, and the collector with what it says, for one session. */
  private record Worker(UUID task, UUID session, String name) {

    static @Nullable Worker claim(String backend) {
      UUID session = UUID.randomUUID();
      return api.bean(TaskClaims.class)
          .claim("kind-" + backend, backend, session)
          .map(task -> new Worker(task.id(), session, "kind-" + backend))
          .orElse(null);
    }

    static Worker opened(String backend) {
      assertThat(SessionIT.open(backend, "\"wait\": \"0s\"").status()).isEqualTo(202);
      Worker worker = Objects.requireNonNull(claim(backend));
      worker.open();
      return worker;
    }

    String id() {
      return task.toString();
    }

    void open() {
      var actions = Json.mapper().createObjectNode().put("submit", "ends it");
      Briefing briefing = new Briefing("look", "", actions);
      api.bean(RunBriefings.class)
          .record(List.of(new RunBriefings.Entry(task, briefing, Instant.now())));
    }

    ClusterCommand hear() {
      String queue = Topology.commandQueue(name);
      RabbitTemplate rabbit = api.bean(RabbitTemplate.class);
      rabbit.execute(
          channel -> {
            Topology.commands(name).declare(channel);
            return true;
          });
      Message message =
          await()
              .atMost(Duration.ofSeconds(30))
              .until(() -> rabbit.receive(queue), found -> found != null);
      return ClusterCommand.fromBytes(message.getBody());
    }

    void answer(ClusterCommand command, String observation) {
      StepAnswer answer =
          new StepAnswer(1, task, session, stepOf(command).index(), observation, 1.5);
      api.bean(RabbitTemplate.class)
          .send(
              Topology.REPLIES_EXCHANGE.name(),
              stepOf(command).replyTo(),
              new Message(answer.toBytes()));
    }

    void complete(String stopReason, double reward) {
      Step said =
          new Step(
              1,
              0,
              "env",
              "VALID_SUBMISSION",
              null,
              2.5,
              null,
              null,
              null,
              Clock.systemUTC().instant());
      api.bean(TaskSteps.class).append(List.of(new TaskSteps.Entry(task, said)));
      TaskResult result =
          new TaskResult(
              "simulator",
              reward > 0,
              reward,
              Map.of("detection", reward),
              Map.of(),
              null,
              null,
              stopReason,
              1,
              0);
      api.bean(TaskResults.class).record(task, session, 5, Clock.systemUTC().instant(), result);
      assertThat(
              api.bean(TaskEndings.class).finish(task, session, TaskStatus.COMPLETED, null, null))
          .isEqualTo(Transition.APPLIED);
    }

    void fail(FailureCode code, String details) {
      assertThat(
              api.bean(TaskEndings.class).finish(task, session, TaskStatus.FAILED, code, details))
          .isEqualTo(Transition.APPLIED);
    }
  }
}

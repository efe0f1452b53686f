package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.UnheardClaims;
import io.aiopslab.tasks.testing.DistantBroker;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The protocol for workers that speak HTTP, without a collector: what it sends is looked at. */
class RemoteIT {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String RUN = "/api/v1/workers/%s/tasks/%s/";

  @RegisterExtension
  static final RunningApi api = RunningApi.onItsOwnServers("--aiopslab.relay.stale-interval=200ms");

  @Test
  void aNameBelongsToOneIncarnationUntilItIsGone() {
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    Answer fresh = register("rivals", "rivals", first);
    assertThat(fresh.status()).as("%s", fresh).isEqualTo(201);
    assertThat(fresh.json().get("worker_id").stringValue()).isEqualTo("rivals");
    assertThat(fresh.json().get("incarnation").stringValue()).isEqualTo(first.toString());
    assertThat(fresh.json().get("heartbeat_interval_seconds").doubleValue()).isEqualTo(5);
    assertThat(fresh.json().get("lost_after_seconds").doubleValue()).isEqualTo(45);
    assertThat(fresh.json().get("requeued_after_seconds").doubleValue()).isEqualTo(15);
    assertThat(register("rivals", "rivals", first).status()).isEqualTo(200);

    Answer rival = register("rivals", "rivals", second);
    assertProblem(rival, 409);
    assertThat(rival.json().get("code").stringValue()).isEqualTo("worker_id_taken");
    assertThat(post("register", "{\"worker_id\":\"rivals\"}").status()).isEqualTo(409);

    age("rivals");
    assertThat(register("rivals", "rivals", second).status()).isEqualTo(201);
    Answer ghost = post("rivals/heartbeat", "{\"incarnation\":\"%s\"}".formatted(first));
    assertThat(ghost.json().get("taken_over").booleanValue()).isTrue();
    Answer claim = post("rivals/claim", "{\"incarnation\":\"%s\"}".formatted(first));
    assertProblem(claim, 409);
    assertThat(claim.json().get("code").stringValue()).isEqualTo("worker_taken_over");

    assertThat(post("rivals/sign-off", "{\"incarnation\":\"%s\"}".formatted(first)).status())
        .isEqualTo(204);
    assertThat(register("rivals", "rivals", first).status()).as("still alive").isEqualTo(409);
    assertThat(post("rivals/sign-off", "{\"incarnation\":\"%s\"}".formatted(second)).status())
        .isEqualTo(204);
    assertThat(register("rivals", "rivals", first).status()).isEqualTo(201);
    assertThat(api.get("/api/v1/workers/rivals/stats").json().get("restarts").intValue())
        .isEqualTo(2);
  }

  @Test
  void ofManyThatRegisterAtOnceOneWins() {
    List<Answer> answers = atOnce(8, i -> register("crowd", "crowd", UUID.randomUUID()));
    assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
    assertThat(answers).filteredOn(answer -> answer.status() == 409).hasSize(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|worker_id",
        "{\"id\":\"A\"}|id",
        "{\"id\":\"a\",\"worker_id\":\"b\"}|worker_id",
        "{\"id\":\"a\",\"incarnation\":5}|incarnation",
        "{\"id\":\"a\",\"color\":\"red\"}|color",
        "{\"id\":\"a\",\"capabilities\":{\"max_parallel_tasks\":0}}|capabilities.max_parallel_tasks",
        "{\"id\":\"a\",\"capabilities\":{\"supported_problems\":[7]}}|capabilities.supported_problems"
      })
  void aBadRegistrationIsRefusedByField(String body, String field) {
    Answer answer = post("register", body);
    assertProblem(answer, 400);
    assertThat(answer.fields()).containsExactly(field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"id\":\"a\",\"id\":\"b\"}", "{} {}"})
  void whatIsNoObjectIsRefused(String body) {
    assertProblem(post("register", body), 400);
  }

  @Test
  void aClaimIsGuarded() {
    register("guarded", "guarded", UUID.randomUUID());
    submit("somebody-else", 5);
    assertThat(claim("guarded").status()).as("another backend").isEqualTo(204);
    String low = submit("guarded", 1);
    String high = submit("guarded", 9);

    for (String hold : List.of("pause", "drain")) {
      assertThat(post("guarded/" + hold, "").status()).isEqualTo(200);
      assertThat(claim("guarded").status()).as(hold).isEqualTo(204);
      JsonNode beat = post("guarded/heartbeat", "{}").json();
      assertThat(beat.get("paused").booleanValue()).isEqualTo(hold.equals("pause"));
      assertThat(beat.get("draining").booleanValue()).isEqualTo(hold.equals("drain"));
      assertThat(post("guarded/resume", "").status()).isEqualTo(200);
    }

    Answer won = claim("guarded");
    assertThat(won.status()).as("%s", won).isEqualTo(200);
    JsonNode task = won.json().get("task");
    assertThat(task.get("id").stringValue()).isEqualTo(high);
    assertThat(task.get("problem_id").stringValue()).isEqualTo("p");
    assertThat(task.get("agent_config").toString()).isEqualTo("{\"agent\":\"x\"}");
    assertThat(task.get("max_steps").intValue()).isEqualTo(30);
    assertThat(task.get("timeout_seconds").intValue()).isEqualTo(1800);
    assertThat(won.json().propertyNames())
        .containsExactly("task", "session_id", "started_at", "deadline_at", "traceparent");
    assertThat(claim("guarded").status()).as("full").isEqualTo(204);
    assertThat(api.get("/api/v1/tasks/" + low).json().get("status").stringValue())
        .isEqualTo("pending");
    JsonNode beat = post("guarded/heartbeat", "{}").json();
    assertThat(beat.at("/running/0/task_id").stringValue()).isEqualTo(high);
    assertThat(beat.at("/running/0/session_id")).isEqualTo(won.json().get("session_id"));
    assertProblem(claim("nobody"), 404);
  }

  @Test
  void neverMoreRunThanMayAtOnce() {
    post(
        "register",
        "{\"id\":\"wide\",\"backend_type\":\"wide\",\"capabilities\":{\"max_parallel_tasks\":3}}");
    IntStream.range(0, 12).forEach(i -> submit("wide", 5));
    List<Answer> answers = atOnce(12, i -> post("wide/claim?wait=3s", "{}"));
    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(3);
    assertThat(
            api.sql()
                .queryForObject(
                    "SELECT count(*) FROM tasks WHERE worker_id = 'wide' AND status = 'running'",
                    Long.class))
        .isEqualTo(3);
  }

  @Test
  void aRepeatedClaimGivesTheSameTask() {
    register("repeats", "repeats", UUID.randomUUID());
    submit("repeats", 5);
    submit("repeats", 5);
    String body = "{\"session_id\":\"%s\"}".formatted(UUID.randomUUID());
    Answer first = post("repeats/claim?wait=20s", body);
    assertThat(first.status()).as("%s", first).isEqualTo(200);
    assertThat(post("repeats/claim?wait=5s", body).json()).isEqualTo(first.json());
  }

  @Test
  void aLongPollWakesOnWorkAndOnResume() {
    register("poll", "poll", UUID.randomUUID());
    post("poll/pause", "{\"reason\":\"later\"}");
    submit("poll", 5);
    CompletableFuture<Answer> waiting = inBackground(() -> post("poll/claim?wait=50s", "{}"));
    assertThat(post("poll/claim?wait=200ms", "{}").status()).isEqualTo(204);
    assertThat(waiting).isNotDone();
    post("poll/resume", "");
    assertThat(waiting.join().status()).isEqualTo(200);

    List<CompletableFuture<Answer>> many = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String name = "poll-" + i;
      register(name, "many", UUID.randomUUID());
      many.add(inBackground(() -> post(name + "/claim?wait=50s", "{}")));
    }
    IntStream.range(0, 10).forEach(i -> submit("many", 5));
    assertThat(many.stream().map(CompletableFuture::join).map(a -> a.json().at("/task/id")))
        .doesNotHaveDuplicates()
        .hasSize(10);
  }

  /**
   * One task behind twelve of another trainer is second, not thirteenth; so is a group's, a retry.
   */
  @Test
  void aQueueOfItsOwnIsNextInTurn() {
    post(
        "register",
        "{\"id\":\"fair\",\"backend_type\":\"fair\",\"capabilities\":{\"max_parallel_tasks\":50}}");
    String task = "{\"problem_id\":\"p\",\"backend_type\":\"fair\",\"queue\":\"%s\"}";
    for (int i = 0; i < 12; i++) {
      assertThat(api.submit(task.formatted("ana")).status()).isEqualTo(201);
    }
    String late = api.submit(task.formatted("ben")).id();
    api.post("/api/v1/groups", "{\"samples\":2,\"task\":%s}".formatted(task.formatted("cid")));
    List<JsonNode> order = IntStream.range(0, 6).mapToObj(i -> claim("fair").json()).toList();
    List<JsonNode> tasks =
        order.stream()
            .map(one -> api.get("/api/v1/tasks/" + one.at("/task/id").stringValue()).json())
            .toList();
    assertThat(tasks.stream().map(one -> one.get("queue").stringValue()))
        .containsExactly("ana", "ben", "cid", "ana", "cid", "ana");
    assertThat(tasks.get(1).get("id").stringValue()).isEqualTo(late);
    assertThat(backend("fair").get("oldest_wait_seconds").isNull()).isFalse();

    assertThat(api.post("/api/v1/tasks/cancel", "{\"backend_type\":\"fair\"}").status())
        .isEqualTo(200);
    String cancelled =
        api.get("/api/v1/tasks?backend_type=fair&status=cancelled")
            .json()
            .at("/tasks/0/id")
            .stringValue();
    JsonNode again = api.post("/api/v1/tasks/" + cancelled + "/retry", "").json();
    assertThat(again.get("queue").stringValue()).isEqualTo("ana");
  }

  /** The first in line is of no use to a task that only the second can play. */
  @Test
  void aWorkerGetsWhatItCanPlayAndIsInNobodysWay() {
    registerFor("picky-a", "picky", "a");
    registerFor("picky-b", "picky", "b");
    CompletableFuture<Answer> first = inBackground(() -> post("picky-a/claim?wait=50s", "{}"));
    await().atMost(LONG).until(() -> waitingClaims() == 1);
    CompletableFuture<Answer> second = inBackground(() -> post("picky-b/claim?wait=50s", "{}"));
    await().atMost(LONG).until(() -> waitingClaims() == 2);
    String b = submitProblem("picky", "b");
    assertThat(second.join().json().at("/task/id").stringValue()).isEqualTo(b);
    assertThat(first).isNotDone();
    String a = submitProblem("picky", "a");
    assertThat(first.join().json().at("/task/id").stringValue()).isEqualTo(a);
  }

  @Test
  void whatNoWorkerCanPlaySaysSo() {
    registerFor("unable", "unable", "a");
    String task = submitProblem("unable", "b");
    String path = "/api/v1/tasks/" + task;
    await().atMost(LONG).until(() -> !api.get(path).json().get("unplayable").isNull());
    String reason = api.get(path).json().get("unplayable").stringValue();
    assertThat(reason).contains("'unable'", "'b'", "GET /api/v1/problems");
    JsonNode listed = api.get("/api/v1/tasks?backend_type=unable").json().at("/tasks/0");
    assertThat(listed.get("unplayable").stringValue()).isEqualTo(reason);
    assertThat(backend("unable").get("unplayable").toString())
        .isEqualTo("[{\"problem_id\":\"b\",\"pending\":1}]");

    register("able", "unable", UUID.randomUUID());
    await().atMost(LONG).until(() -> api.get(path).json().get("unplayable").isNull());
    assertThat(backend("unable").get("unplayable").isEmpty()).isTrue();
    assertThat(claim("unable").status()).isEqualTo(204);
    assertThat(claim("able").json().at("/task/id").stringValue()).isEqualTo(task);
  }

  private static JsonNode backend(String name) {
    return api.get("/api/v1/backends")
        .json()
        .get("backends")
        .valueStream()
        .filter(one -> one.get("backend_type").stringValue().equals(name))
        .findAny()
        .orElseThrow();
  }

  private static void registerFor(String id, String backend, String problem) {
    String body =
        "{\"id\":\"%s\",\"backend_type\":\"%s\",\"capabilities\":{\"supported_problems\":[\"%s\"]}}";
    assertThat(post("register", body.formatted(id, backend, problem)).status()).isEqualTo(201);
  }

  private static String submitProblem(String backend, String problem) {
    String body = "{\"problem_id\":\"%s\",\"backend_type\":\"%s\"}";
    return api.submit(body.formatted(problem, backend)).id();
  }

  /** Whoever reports lives, though it never beats. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logs|\"first_seq\":0,\"lines\":[{\"message\":\"m\"}]}",
        "steps|\"steps\":[{\"index\":0,\"role\":\"env\",\"content\":\"\"}]}",
        "progress|\"phase\":\"running\"}",
        "complete|\"reward\":1}",
        "fail|\"error_details\":\"x\"}"
      })
  void anAcceptedReportIsASignOfLife(String what, String rest) {
    Run run = started("living");
    age(run.worker());
    Run zombie = new Run(run.worker(), run.task(), UUID.randomUUID().toString());
    assertProblem(zombie.report(what, rest), 409);
    assertThat(silence(run.worker())).as("a stale session's").isGreaterThan(40);
    assertThat(run.report(what, rest).status()).isEqualTo(200);
    assertThat(silence(run.worker())).isLessThan(20);
  }

  @Test
  void aReportOfAnEarlierLifeIsNoSignOfLife() {
    Run run = started("reborn");
    age(run.worker());
    assertThat(register(run.worker(), run.worker(), UUID.randomUUID()).status()).isEqualTo(201);
    age(run.worker());
    assertThat(run.report("progress", "\"phase\":\"running\"}").status()).isEqualTo(200);
    assertThat(silence(run.worker())).isGreaterThan(40);
  }

  @Test
  void aClaimIsASignOfLife() {
    register("asking", "asking", UUID.randomUUID());
    age("asking");
    assertThat(claim("asking").status()).isEqualTo(204);
    assertThat(silence("asking")).isLessThan(20);
  }

  /** Its process has ended: the task that it waited for is the next one's. */
  @Test
  void aLongPollWhoseConnectionIsClosedTakesNoTask() throws Exception {
    register("dead-poll", "dead-poll", UUID.randomUUID());
    try (Socket dead = new Socket("localhost", api.url("/").getPort())) {
      dead.getOutputStream()
          .write(
              ("POST /api/v1/workers/dead-poll/claim?wait=50s HTTP/1.1\r\nHost: localhost\r\n"
                      + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
                  .getBytes(StandardCharsets.US_ASCII));
      await().atMost(LONG).until(() -> waitingClaims() > 0);
    }
    register("healthy-poll", "dead-poll", UUID.randomUUID());
    CompletableFuture<Answer> healthy =
        inBackground(() -> post("healthy-poll/claim?wait=50s", "{}"));
    String task = submit("dead-poll", 5);
    assertThat(healthy.join().json().at("/task/id").stringValue()).isEqualTo(task);
    assertThat(api.get("/api/v1/tasks/" + task).json().get("worker_id").stringValue())
        .isEqualTo("healthy-poll");
  }

  /**
   * The answer to a claim did not arrive, or its worker died with it: the task is the next one's.
   */
  @Test
  void aClaimOfWhichNothingIsHeardIsUndone() throws Exception {
    Run lost = started("unheard");
    String next = lost.worker() + "-b";
    register(next, lost.worker(), UUID.randomUUID());
    CompletableFuture<Answer> waiting = inBackground(() -> post(next + "/claim?wait=50s", "{}"));
    letTimePass(lost);
    Answer claimed = waiting.join();
    assertThat(claimed.json().at("/task/id").stringValue())
        .as("%s", claimed)
        .isEqualTo(lost.task());
    assertThat(
            api.sql()
                .queryForList(
                    """
                    SELECT concat_ws(' ', from_status, to_status, changed_by) FROM task_transitions
                    WHERE task_id = ?::uuid
                    ORDER BY round, array_position(ARRAY['pending', 'running'], to_status)
                    """,
                    String.class,
                    lost.task()))
        .containsExactly(
            "pending api",
            "pending running worker:" + lost.worker(),
            "running pending api:unheard-claims",
            "pending running worker:" + next);
    Answer late = lost.report("complete", "\"reward\":1}");
    assertProblem(late, 409);
    assertThat(late.json().get("code").stringValue()).isEqualTo("session_lost");
    Run second = new Run(next, lost.task(), claimed.json().get("session_id").stringValue());
    assertThat(second.report("complete", "\"reward\":0}").status()).isEqualTo(200);
  }

  /** It would have named the task if it had heard of it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"task_ids\":[]}",
        "{\"task_ids\":[\"00000000-0000-7000-8000-000000000001\"]}",
        "{\"status\":\"idle\"}"
      })
  void aBeatThatSpeaksOnlyOfOthersDoesNotKeepATask(String beat) throws Exception {
    Run run = started("denied");
    assertThat(post(run.worker() + "/heartbeat", beat).status()).isEqualTo(200);
    letTimePass(run);
    await().atMost(LONG).until(() -> status(run.task()).equals("pending"));
    try (Connection connection = api.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      String queue = Topology.ticketQueue(run.worker());
      await("a new ticket").atMost(LONG).until(() -> channel.messageCount(queue) == 1);
    }
  }

  @Test
  void aBeatOfALaterLifeDoesNotKeepATask() {
    Run run = started("later");
    age(run.worker());
    assertThat(register(run.worker(), run.worker(), UUID.randomUUID()).status()).isEqualTo(201);
    assertThat(post(run.worker() + "/heartbeat", "{}").status()).isEqualTo(200);
    letTimePass(run);
    await().atMost(LONG).until(() -> status(run.task()).equals("pending"));
  }

  /** Also by a worker that names no tasks, and then works for minutes without a word. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logs|\"first_seq\":0,\"lines\":[{\"message\":\"m\"}]}",
        "steps|\"steps\":[{\"index\":0,\"role\":\"env\",\"content\":\"\"}]}",
        "progress|\"phase\":\"setup\"}",
        "complete|\"reward\":1}",
        "fail|\"error_details\":\"x\"}",
        "heartbeat|{}",
        "heartbeat|{\"status\":\"busy\"}",
        "heartbeat|{\"current_task_id\":\"$\"}",
        "heartbeat|{\"task_ids\":[\"$\"]}"
      })
  void whatWasHeardOfOnceIsKept(String what, String body) {
    Run run = started("kept");
    Answer heard =
        what.equals("heartbeat")
            ? post(run.worker() + "/heartbeat", body.replace("$", run.task()))
            : run.report(what, body);
    assertThat(heard.status()).isEqualTo(200);
    letTimePass(run);
    api.bean(UnheardClaims.class).requeue(Duration.ofSeconds(15));
    assertThat(status(run.task())).isEqualTo("running");
  }

  @Test
  void aRepeatedClaimIsWaitedForOnceMore() {
    Run run = started("again");
    letTimePass(run);
    String body = "{\"session_id\":\"%s\"}".formatted(run.session());
    Answer again = post(run.worker() + "/claim?wait=20s", body);
    assertThat(again.json().at("/task/id").stringValue()).isEqualTo(run.task());
    api.bean(UnheardClaims.class).requeue(Duration.ofSeconds(15));
    assertThat(status(run.task())).isEqualTo("running");
  }

  /** Otherwise what kills every worker would never end; and a wish to end is not forgotten. */
  @Test
  void noTaskGoesBackForEver() {
    Run first = started("deadly");
    Run run = first;
    for (int round = 0; round < 3; round++) {
      letTimePass(run);
      await().atMost(LONG).until(() -> status(first.task()).equals("pending"));
      String session = post(run.worker() + "/claim", "{}").json().get("session_id").stringValue();
      run = new Run(run.worker(), run.task(), session);
    }
    letTimePass(run);
    Run cancelled = started("wished");
    assertThat(api.post("/api/v1/tasks/" + cancelled.task() + "/cancel", "").status())
        .isEqualTo(200);
    letTimePass(cancelled);
    assertThat(api.bean(UnheardClaims.class).requeue(Duration.ofSeconds(15))).isEmpty();
    assertThat(status(run.task())).isEqualTo("running");
    assertThat(status(cancelled.task())).isEqualTo("running");
  }

  /** However many there are, none is told to come again. */
  @Test
  void manyThatEndAtOnceAreAllHeard() {
    int many = 120;
    post(
        "register",
        "{\"id\":\"ends\",\"backend_type\":\"ends\",\"capabilities\":{\"max_parallel_tasks\":%d}}"
            .formatted(many));
    IntStream.range(0, many).forEach(i -> submit("ends", 5));
    List<JsonNode> claimed = IntStream.range(0, many).mapToObj(i -> claim("ends").json()).toList();
    List<Answer> ends =
        atOnce(
            many,
            i ->
                report(
                    "ends",
                    claimed.get(i).at("/task/id").stringValue(),
                    "complete",
                    "{\"session_id\":%s,\"reward\":1}"
                        .formatted(claimed.get(i).get("session_id"))));
    assertThat(ends).extracting(Answer::status).containsOnly(200);
  }

  /** What the broker shows is what waits: for operators, and for what scales on it. */
  @Test
  void ticketsOfTasksThatNoLongerWaitGo() throws Exception {
    int many = 400;
    post(
        "register",
        "{\"id\":\"drain\",\"backend_type\":\"drain\",\"capabilities\":{\"max_parallel_tasks\":500}}");
    String task =
        "{\"problem_id\":\"p\",\"backend_type\":\"drain\",\"metadata\":{\"part\":\"%s\"}}";
    String tasks =
        IntStream.range(0, many)
            .mapToObj(i -> task.formatted(i < 250 ? "claimed" : i < 300 ? "single" : "bulk"))
            .collect(Collectors.joining(",", "{\"tasks\":[", "]}"));
    List<String> ids =
        api.post("/api/v1/tasks/batch", tasks)
            .json()
            .get("tasks")
            .valueStream()
            .map(one -> one.get("id").stringValue())
            .toList();
    try (Connection connection = api.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      String queue = Topology.ticketQueue("drain");
      await().atMost(LONG).until(() -> channel.messageCount(queue) == many);
      for (int claimed = 0; claimed < 250; claimed += 50) {
        assertThat(atOnce(50, i -> claimedAtLast("drain")))
            .extracting(Answer::status)
            .containsOnly(200);
      }
      assertThat(post("drain/heartbeat", "{}").status()).isEqualTo(200);
      await().atMost(LONG).until(() -> isAbout(150, channel.messageCount(queue)));
      for (String one : ids.subList(250, 300)) {
        assertThat(api.post("/api/v1/tasks/" + one + "/cancel", "").status()).isEqualTo(200);
      }
      await().atMost(LONG).until(() -> isAbout(100, channel.messageCount(queue)));

      for (int twice = 0; twice < 60; twice++) {
        channel.basicPublish("", queue, null, new byte[0]);
      }
      await("what this service knows nothing of")
          .atMost(LONG)
          .until(() -> isAbout(100, channel.messageCount(queue)));

      api.post("/api/v1/tasks/cancel", "{\"metadata\":{\"part\":\"bulk\"}}");
      await().atMost(LONG).until(() -> channel.messageCount(queue) == 0);
      submit("drain", 5);
      await().atMost(LONG).until(() -> channel.messageCount(queue) == 1);
      await("it waits")
          .during(Duration.ofSeconds(5))
          .atMost(LONG)
          .until(() -> channel.messageCount(queue) == 1);
    }
  }

  /** Tickets are compared with what waits while both change. */
  private static boolean isAbout(long pending, long depth) {
    return Math.abs(pending - depth) <= 5;
  }

  @Test
  void reportsBecomeEventsWithNumbersThatARepeatKeeps() throws Exception {
    register("reporter", "reporter", UUID.randomUUID());
    String task = submit("reporter", 5);
    String session = post("reporter/claim?wait=20s", "{}").json().get("session_id").stringValue();
    String logs =
        "{\"session_id\":\"%s\",\"first_seq\":2,\"lines\":[{\"ts\":\"2026-11-23T08:00:00Z\",\"level\":\"warning\",\"message\":\"a\\u0000\\ud800\",\"context\":{\"k\":1}},{\"message\":\"b\"}]}"
            .formatted(session);
    for (int i = 0; i < 2; i++) {
      Answer answer = report("reporter", task, "logs", logs);
      assertThat(answer.status()).as("%s", answer).isEqualTo(200);
      assertThat(answer.json().get("cancel").booleanValue()).isFalse();
    }
    String own = "{\"session_id\":\"%s\",".formatted(session);
    assertThat(report("reporter", task, "progress", own + "\"phase\":\"grading\"}").status())
        .isEqualTo(200);
    assertThat(
            report(
                    "reporter",
                    task,
                    "steps",
                    own
                        + "\"steps\":[{\"index\":0,\"role\":\"assistant\",\"content\":\"x\"},"
                        + "{\"index\":1,\"role\":\"env\",\"content\":\"y\",\"tokens\":[1]}]}")
                .json()
                .get("accepted")
                .intValue())
        .isEqualTo(2);
    String stale = own.replace(session, UUID.randomUUID().toString());
    Answer zombie = report("reporter", task, "complete", stale + "\"reward\":1}");
    assertProblem(zombie, 409);
    assertThat(zombie.json().get("code").stringValue()).isEqualTo("session_lost");
    assertProblem(report("reporter", task, "cancelled", own + "\"steps\":1}"), 409);
    assertThat(
            report("reporter", task, "complete", own + "\"reward\":0.5,\"result\":[1],\"steps\":1}")
                .status())
        .isEqualTo(200);

    Map<String, List<JsonNode>> events = events(task, 8);
    assertThat(events)
        .containsOnlyKeys("started", "logs", "phase", "step", "finished")
        .hasEntrySatisfying("step", steps -> assertThat(seqs(steps)).containsExactly(11L, 13L));
    assertThat(seqs(events.getOrDefault("logs", List.of()))).containsExactly(14L, 14L);
    JsonNode line = events.getOrDefault("logs", List.of()).get(0).at("/body/lines/0");
    assertThat(line.get("message").stringValue()).isEqualTo("a\u0000\uFFFD");
    List<JsonNode> ends = events.getOrDefault("finished", List.of());
    assertThat(ends).hasSize(2);
    assertThat(ends.get(0).get("session_id").stringValue()).isNotEqualTo(session);
    assertThat(ends.get(1).at("/body/status").stringValue()).isEqualTo("completed");
    assertThat(ends.get(1).at("/body/result/reward").doubleValue()).isEqualTo(0.5);
    assertThat(ends.get(1).at("/body/result/environment").stringValue()).isEqualTo("http");
  }

  @Test
  void levelsAreUnderstoodAsOthersSayThem() throws Exception {
    Run run = started("levels");
    StringJoiner lines = new StringJoiner(",", "\"lines\":[", "]}");
    for (String level :
        List.of("warn", "WARNING", "INFO", "critical", "fatal", "SEVERE", "trace")) {
      lines.add("{\"message\":\"m\",\"level\":\"%s\"}".formatted(level));
    }
    assertThat(run.report("logs", "\"first_seq\":0," + lines).status()).isEqualTo(200);
    JsonNode logs = events(run.task(), 2).getOrDefault("logs", List.of()).get(0);
    assertThat(logs.at("/body/lines").valueStream().map(line -> line.get("level").stringValue()))
        .containsExactly("warning", "warning", "info", "error", "error", "error", "debug");
  }

  /** The same limit as a runner's: its message is a line of at most 4 MiB. */
  @Test
  void aStepWithAsManyTokensAsARunnersIsTaken() throws Exception {
    Run run = started("tokens");
    String ids = "151643,".repeat(350_000 - 1) + "1";
    String step =
        "\"steps\":[{\"index\":0,\"role\":\"assistant\",\"content\":\"x\",\"tokens\":{\"prompt_ids\":[%s]}}]}";
    assertThat(run.report("steps", step.formatted(ids)).status()).isEqualTo(200);
    JsonNode event = events(run.task(), 2).getOrDefault("step", List.of()).get(0);
    assertThat(event.at("/body/step/tokens/prompt_ids").size()).isEqualTo(350_000);
    Answer tooLarge = run.report("steps", step.formatted("151643,".repeat(700_000) + "1"));
    assertProblem(tooLarge, 413);
    assertThat(tooLarge.json().get("error").stringValue())
        .contains("4 MiB", "one step a call", "tokens.left_out");
  }

  @Test
  void versionsOfSingleTokensAreThoseOfTheAnswerToo() throws Exception {
    Run run = started("versions");
    String steps =
        """
        "steps":[
          {"index":0,"role":"assistant","content":"x","tokens":{"versions":[4,4,5]}},
          {"index":1,"role":"tool","content":"y"},
          {"index":2,"role":"assistant","content":"x","model":{"name":"m"},
           "tokens":{"versions":[{"version":"6","start":0,"end":3}]}},
          {"index":3,"role":"assistant","content":"x","model":{"policy_version":7},
           "tokens":{"versions":[6]}}]}
        """;
    assertThat(run.report("steps", steps).status()).isEqualTo(200);
    List<JsonNode> events = events(run.task(), 5).getOrDefault("step", List.of());
    assertThat(events.stream().map(event -> event.at("/body/step/model").toString()))
        .containsExactly(
            "{\"policy_version\":4,\"policy_version_end\":5}",
            "",
            "{\"name\":\"m\",\"policy_version\":\"6\"}",
            "{\"policy_version\":7}");
    assertThat(events.get(1).at("/body/step/role").stringValue()).isEqualTo("tool");
  }

  /** What it counted itself, or else what this service has taken from it, at whichever instance. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "complete|\"reward\":1}|7|3|6",
        "complete|\"reward\":1,\"steps\":5,\"log_lines\":10}|10|5|8",
        "complete|\"reward\":1,\"steps\":2,\"log_lines\":1}|7|3|6",
        "fail|\"error_details\":\"x\"}|7|3|6",
        "fail|\"error_details\":\"x\",\"log_lines\":8}|8|3|6"
      })
  void anEndSaysHowMuchThereHasToBe(String how, String end, long lines, int turns, int messages)
      throws Exception {
    Run run = started("counts");
    String line = "{\"message\":\"m\"}";
    run.report("logs", "\"first_seq\":5,\"lines\":[%s,%s]}".formatted(line, line));
    run.report("logs", "\"first_seq\":0,\"lines\":[%s]}".formatted(line));
    String step = "\"steps\":[{\"index\":%d,\"role\":\"env\",\"content\":\"\"}]}";
    run.report("steps", step.formatted(5));
    run.report("steps", step.formatted(0));
    String stale = end.replace("}", ",\"session_id\":\"%s\"}".formatted(UUID.randomUUID()));
    assertProblem(report(run.worker(), run.task(), how, "{" + stale), 409);
    assertThat(run.report(how, end).status()).isEqualTo(200);
    JsonNode finished = events(run.task(), 7).getOrDefault("finished", List.of()).get(1);
    assertThat(finished.at("/body/result/log_lines").longValue()).isEqualTo(lines);
    assertThat(finished.at("/body/result/steps").intValue()).isEqualTo(turns);
    assertThat(finished.at("/body/trajectory_events").intValue()).isEqualTo(messages);
  }

  @Test
  void anEndWithoutAnyReportSaysThatThereIsNothing() throws Exception {
    Run run = started("silent");
    assertThat(run.report("complete", "\"reward\":1}").status()).isEqualTo(200);
    JsonNode finished = events(run.task(), 2).getOrDefault("finished", List.of()).get(0);
    assertThat(finished.at("/body/result/log_lines").longValue()).isZero();
    assertThat(finished.at("/body/trajectory_events").intValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logs|{\"first_seq\":0,\"lines\":[{\"message\":\"x\"}]}|session_id",
        "logs|{\"session_id\":\"$\",\"first_seq\":-1,\"lines\":[{\"message\":\"x\"}]}|first_seq",
        "logs|{\"session_id\":\"$\",\"first_seq\":0,\"lines\":[]}|lines",
        "logs|{\"session_id\":\"$\",\"first_seq\":0,\"lines\":[{}]}|lines[0].message",
        "logs|{\"session_id\":\"$\",\"first_seq\":0,\"lines\":[{\"message\":\"x\",\"level\":\"loud\"}]}|lines[0].level",
        "steps|{\"session_id\":\"$\",\"steps\":[{\"index\":0,\"role\":\"user\",\"content\":\"\"}]}|steps[0].role",
        "progress|{\"session_id\":\"$\",\"phase\":\"lunch\"}|phase",
        "complete|{\"session_id\":\"$\",\"reward\":1.5}|reward",
        "complete|{\"session_id\":\"$\",\"reward\":\"1\"}|reward",
        "complete|{\"session_id\":\"$\",\"metrics\":{\"ttd\":1e400}}|metrics.ttd",
        "fail|{\"session_id\":\"$\"}|error_details",
        "fail|{\"session_id\":\"$\",\"error_details\":\"x\",\"failure_code\":\"worker_lost\"}|failure_code"
      })
  void aBadReportIsRefusedByField(String what, String body, String field) {
    String path = RUN.formatted("anybody", UUID.randomUUID()) + what;
    Answer answer = send(path, body.replace("$", UUID.randomUUID().toString()));
    assertProblem(answer, 400);
    assertThat(answer.fields()).containsExactly(field);
  }

  @Test
  void aReportOnNoTaskAndAnOversizedOneAreRefused() {
    String body = "{\"session_id\":\"%s\",\"phase\":\"setup\"}".formatted(UUID.randomUUID());
    assertProblem(report("anybody", UUID.randomUUID().toString(), "progress", body), 404);
    assertProblem(send(RUN.formatted("a", UUID.randomUUID()) + "logs", " ".repeat(1 << 21)), 413);
  }

  @Test
  void theHeartbeatSaysWhatToStop() {
    register("stopper", "stopper", UUID.randomUUID());
    String task = submit("stopper", 5);
    String session = post("stopper/claim?wait=20s", "{}").json().get("session_id").stringValue();
    String beat = "{\"worker_id\":\"stopper\",\"current_task_id\":\"%s\"}".formatted(task);
    JsonNode quiet = post("heartbeat", beat).json();
    assertThat(quiet.get("cancel").isEmpty()).isTrue();
    assertThat(api.get("/api/v1/workers/stopper").json().get("status").stringValue())
        .isEqualTo("busy");

    api.sql().update("UPDATE tasks SET cancel_requested_at = now() WHERE id = ?::uuid", task);
    assertThat(post("heartbeat", beat).json().at("/cancel/0").stringValue()).isEqualTo(task);
    String own = "{\"session_id\":\"%s\"".formatted(session);
    assertThat(
            report("stopper", task, "progress", own + ",\"phase\":\"running\"}")
                .json()
                .get("cancel")
                .booleanValue())
        .isTrue();
    assertThat(report("stopper", task, "cancelled", own + "}").status()).isEqualTo(200);
    api.sql().update("UPDATE tasks SET worker_id = 'other' WHERE id = ?::uuid", task);
    assertThat(post("heartbeat", beat).json().at("/cancel/0").stringValue()).isEqualTo(task);
    assertProblem(post("heartbeat", "{}"), 400);
    assertProblem(post("heartbeat", "{\"worker_id\":\"nobody\"}"), 404);
  }

  @Test
  void withoutABrokerAReportIsToBeSentAgain() {
    try (TestDatabase own = TestDatabase.createMigrated();
        DistantBroker away = TestBroker.createDistant();
        RunningApi dark = RunningApi.start(own, away, "--aiopslab.remote.confirm-within=1s")) {
      dark.send(request(dark, "/api/v1/workers/register", "{\"id\":\"dark\"}"));
      String task = dark.submit("{\"problem_id\":\"p\"}").id();
      Answer claimed = dark.send(request(dark, "/api/v1/workers/dark/claim?wait=20s", "{}"));
      String body =
          "{\"session_id\":\"%s\",\"phase\":\"setup\"}"
              .formatted(claimed.json().get("session_id").stringValue());
      String path = RUN.formatted("dark", task) + "progress";
      assertThat(dark.send(request(dark, path, body)).status()).isEqualTo(200);
      away.stop();
      Answer refused = dark.send(request(dark, path, body));
      assertProblem(refused, 503);
      assertThat(refused.json().get("code").stringValue()).isEqualTo("broker_unavailable");
      assertThat(refused.header("Retry-After")).isEqualTo("2");
      JsonNode load = dark.get("/api/v1/backends").json().at("/backends/0");
      assertThat(load.get("running").intValue()).isEqualTo(1);
      await()
          .atMost(LONG)
          .until(() -> dark.get("/api/v1/backends").json().at("/backends/0/queue_depth").isNull());
      away.start();
      await().atMost(LONG).until(() -> dark.send(request(dark, path, body)).status() == 200);
      await()
          .atMost(LONG)
          .until(() -> !dark.get("/api/v1/backends").json().at("/backends/0/queue_depth").isNull());
    }
  }

  private record Run(String worker, String task, String session) {

    /**
     * @param rest of the body, behind the session
     */
    Answer report(String what, String rest) {
      return RemoteIT.report(
          worker, task, what, "{\"session_id\":\"%s\",%s".formatted(session, rest));
    }
  }

  private static Run started(String worker) {
    String name = worker + "-" + UUID.randomUUID().toString().substring(0, 8);
    register(name, name, UUID.randomUUID());
    String task = submit(name, 5);
    Answer claimed = post(name + "/claim?wait=20s", "{}");
    assertThat(claimed.json().at("/task/id").stringValue()).as("%s", claimed).isEqualTo(task);
    return new Run(name, task, claimed.json().get("session_id").stringValue());
  }

  private static List<Long> seqs(List<JsonNode> events) {
    return events.stream().map(event -> event.get("seq").longValue()).toList();
  }

  /** By kind, in order of arrival. */
  private static Map<String, List<JsonNode>> events(String task, int count) throws Exception {
    Map<String, List<JsonNode>> events = new HashMap<>();
    List<JsonNode> found = new ArrayList<>();
    try (Connection connection = api.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      await()
          .atMost(LONG)
          .until(
              () -> {
                for (GetResponse message = channel.basicGet(Topology.EVENTS_QUEUE, true);
                    message != null;
                    message =
                        found.size() < count
                            ? channel.basicGet(Topology.EVENTS_QUEUE, true)
                            : null) {
                  JsonNode event = Json.mapper().readTree(message.getBody());
                  if (event.get("task_id").stringValue().equals(task)) {
                    assertThat(message.getProps().getMessageId())
                        .isEqualTo(
                            event.get("session_id").stringValue()
                                + ":"
                                + event.get("seq").longValue());
                    found.add(event);
                  }
                }
                return found.size() == count;
              });
    }
    found.forEach(
        event ->
            events
                .computeIfAbsent(event.at("/body/kind").stringValue(), kind -> new ArrayList<>())
                .add(event));
    return events;
  }

  private static Answer register(String id, String backend, UUID incarnation) {
    return post(
        "register",
        "{\"id\":\"%s\",\"backend_type\":\"%s\",\"incarnation\":\"%s\"}"
            .formatted(id, backend, incarnation));
  }

  private static Answer claim(String worker) {
    return post(worker + "/claim", "{}");
  }

  /** Who is told 503 asks again, as a worker does. */
  private static Answer claimedAtLast(String worker) {
    return await().atMost(LONG).until(() -> claim(worker), answer -> answer.status() != 503);
  }

  private static Answer report(String worker, String task, String what, String body) {
    return send(RUN.formatted(worker, task) + what, body);
  }

  private static Answer post(String path, String body) {
    return send("/api/v1/workers/" + path, body);
  }

  private static Answer send(String path, String body) {
    return api.send(request(api, path, body));
  }

  private static HttpRequest.Builder request(RunningApi api, String path, String body) {
    return HttpRequest.newBuilder(api.url(path))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  private static String submit(String backend, int priority) {
    return api.submit(
            "{\"problem_id\":\"p\",\"backend_type\":\"%s\",\"priority\":%d,\"agent_config\":{\"agent\":\"x\"}}"
                .formatted(backend, priority))
        .id();
  }

  /** Seconds since it was last heard of. */
  private static double silence(String worker) {
    return Objects.requireNonNull(
        api.sql()
            .queryForObject(
                "SELECT extract(epoch FROM now() - last_heartbeat_at) FROM workers WHERE id = ?",
                Double.class,
                worker));
  }

  /** More than may pass until something is heard of a claim. */
  private static void letTimePass(Run run) {
    api.sql()
        .update(
            "UPDATE remote_reports SET unheard_since = now() - interval '16 seconds'"
                + " WHERE session_id = ?::uuid AND unheard_since IS NOT NULL",
            run.session());
  }

  private static String status(String task) {
    return api.get("/api/v1/tasks/" + task).json().get("status").stringValue();
  }

  private static double waitingClaims() {
    return api.bean(MeterRegistry.class).get("aiopslab.remote.claims.waiting").gauge().value();
  }

  private static void age(String worker) {
    api.sql()
        .update(
            "UPDATE workers SET last_heartbeat_at = now() - interval '46 seconds' WHERE id = ?",
            worker);
  }

  private static List<Answer> atOnce(int count, java.util.function.IntFunction<Answer> call) {
    List<CompletableFuture<Answer>> calls =
        IntStream.range(0, count).mapToObj(i -> inBackground(() -> call.apply(i))).toList();
    return calls.stream().map(CompletableFuture::join).toList();
  }

  private static CompletableFuture<Answer> inBackground(Supplier<Answer> call) {
    return CompletableFuture.supplyAsync(call, task -> new Thread(task).start());
  }
}

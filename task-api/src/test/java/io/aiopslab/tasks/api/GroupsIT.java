package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Samples of one problem, and the calls that a trainer has for many tasks at once. */
class GroupsIT {
  private static final String GROUPS = "/api/v1/groups";

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  /** The largest there may be is stored; a larger one would take the database too long. */
  @Test
  void allSamplesTogetherAreBoundedInBytes() {
    String task =
        "{\"problem_id\":\"p\",\"backend_type\":\"heavy\",\"metadata\":{\"m\":\"%s\"}}"
            .formatted("m".repeat(200_000));
    Answer refused = api.post("/api/v1/groups", "{\"task\":%s,\"samples\":256}".formatted(task));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().at("/details/0/field").stringValue()).isEqualTo("samples");
    assertThat(refused.json().at("/details/0/message").stringValue()).contains("8 MiB");
    Answer taken = api.post("/api/v1/groups", "{\"task\":%s,\"samples\":41}".formatted(task));
    assertThat(taken.status()).as(taken.toString()).isEqualTo(201);
  }

  @Test
  void aGroupIsSoManyTasksWithTheirPlaces() {
    Answer created = submit("places", 5, null);
    assertThat(created.status()).as("%s", created).isEqualTo(201);
    assertThat(created.header("Location")).isEqualTo(GROUPS + "/" + created.id());
    JsonNode group = created.json();
    assertThat(group.get("done").booleanValue()).isFalse();
    assertThat(group.at("/by_status/pending").intValue()).isEqualTo(5);
    List<Integer> places =
        group.get("samples").valueStream().map(s -> s.get("sample_index").intValue()).toList();
    assertThat(places).containsExactly(0, 1, 2, 3, 4);

    JsonNode listed = api.get("/api/v1/tasks?group_id=" + created.id()).json();
    assertThat(listed.get("total").intValue()).isEqualTo(5);
    assertThat(listed.get("tasks").valueStream())
        .allSatisfy(
            task -> {
              assertThat(task.get("group_id").stringValue()).isEqualTo(created.id());
              assertThat(task.at("/parameters/max_steps").intValue()).isEqualTo(7);
            });
  }

  @Test
  void eachSampleHasASamplingSeedOfItsOwnInTheSameWorld() {
    String config = "{\"agent\":\"openai\",\"seed\":7,\"top_p\":0.5}";
    List<JsonNode> first = configs(config, 16);
    assertThat(configs(config, 16)).as("the same each time").isEqualTo(first);
    assertThat(first.stream().map(one -> one.get("seed").longValue()).distinct()).hasSize(16);
    assertThat(first)
        .allSatisfy(
            one -> {
              assertThat(one.get("environment_seed").longValue()).isEqualTo(7);
              assertThat(one.get("top_p").doubleValue()).isEqualTo(0.5);
              assertThat(one.get("seed").longValue()).isBetween(0L, (1L << 53) - 1);
            });
    assertThat(configs(config.replace("7", "6"), 16))
        .extracting(one -> one.get("seed").longValue())
        .doesNotContainAnyElementsOf(first.stream().map(o -> o.get("seed").longValue()).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"agent\":\"openai\"}|{\"agent\":\"openai\"}",
        "{\"seed\":\"x\"}|{\"seed\":\"x\"}",
        "{\"seed\":1.5}|{\"seed\":1.5}",
        "{\"environment_seed\":3}|{\"environment_seed\":3}"
      })
  void whatIsNoSeedStaysAsItIs(String config, String stored) {
    assertThat(configs(config, 2)).allSatisfy(one -> assertThat(one).hasToString(stored));
  }

  @Test
  void aWorldOfItsOwnIsKept() {
    assertThat(configs("{\"seed\":7,\"environment_seed\":3}", 2))
        .allSatisfy(one -> assertThat(one.get("environment_seed").intValue()).isEqualTo(3));
  }

  @Test
  void aRetriedSampleReturnsToItsPlaceAndItsFailedAttemptIsKept() {
    Answer created = submit("retried", 3, null);
    end("retried", 0.25);
    fail("retried");
    end("retried", 0.75);
    JsonNode before = group(created);
    assertThat(before.get("done").booleanValue()).isTrue();
    String failed = before.at("/samples/1/task_id").stringValue();

    Answer again = api.post("/api/v1/tasks/" + failed + "/retry", "");
    assertThat(again.status()).as("%s", again).isEqualTo(201);
    assertThat(again.json().get("group_id").stringValue()).isEqualTo(created.id());
    assertThat(again.json().get("sample_index").intValue()).isEqualTo(1);
    assertThat(again.json().get("retry_of").stringValue()).isEqualTo(failed);
    JsonNode open = group(created);
    assertThat(open.get("done").booleanValue()).isFalse();
    assertThat(open.at("/by_status/pending").intValue()).isEqualTo(1);
    assertThat(open.at("/by_status/failed").intValue()).isZero();
    assertThat(open.get("samples")).hasSize(3);

    fail("retried");
    String second = again.id();
    Answer third = api.post("/api/v1/tasks/" + second + "/retry", "");
    end("retried", 0.5);
    JsonNode done = group(created);
    assertThat(done.get("done").booleanValue()).isTrue();
    assertThat(done.get("usable").intValue()).isEqualTo(3);
    assertThat(done.at("/reward/mean").doubleValue()).isEqualTo(0.5);
    JsonNode sample = done.at("/samples/1");
    assertThat(sample.get("task_id").stringValue()).isEqualTo(third.id());
    assertThat(sample.get("earlier_attempts").valueStream())
        .extracting(one -> one.get("task_id").stringValue())
        .containsExactly(failed, second);
    assertThat(sample.at("/earlier_attempts/0/status").stringValue()).isEqualTo("failed");
    assertThat(sample.at("/earlier_attempts/0/failure_code").stringValue())
        .isEqualTo("agent_error");
    assertThat(done.at("/samples/0/earlier_attempts")).isEmpty();
    assertThat(api.get("/api/v1/tasks?group_id=" + created.id()).json().get("total").intValue())
        .as("attempts are tasks")
        .isEqualTo(5);
  }

  @Test
  void onlyTheLastAttemptIsRetriedIntoItsGroupAndOnlyOnce() {
    Answer created = submit("once", 1, null);
    fail("once");
    String failed = group(created).at("/samples/0/task_id").stringValue();
    List<Answer> answers =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> api.post("/api/v1/tasks/" + failed + "/retry", "")))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
    assertThat(answers)
        .filteredOn(answer -> answer.status() == 409)
        .hasSize(7)
        .allSatisfy(
            answer -> {
              assertThat(answer.json().get("code").stringValue()).isEqualTo("already_retried");
              assertThat(answer.json().get("error").stringValue())
                  .contains(group(created).at("/samples/0/task_id").stringValue());
            });
  }

  @Test
  void aUsableSampleStaysAndItsRetryIsATaskOfItsOwn() {
    Answer created = submit("usable", 1, null);
    end("usable", 1.0);
    String good = group(created).at("/samples/0/task_id").stringValue();
    JsonNode again = api.post("/api/v1/tasks/" + good + "/retry", "").json();
    assertThat(again.get("group_id").isNull()).isTrue();
    assertThat(again.get("retry_of").stringValue()).isEqualTo(good);
    assertThat(group(created).at("/samples/0/task_id").stringValue()).isEqualTo(good);
    assertThat(group(created).get("done").booleanValue()).isTrue();
  }

  @Test
  void aRepeatedSubmissionGivesTheFirstGroup() {
    String body = body("repeats", 3, 2);
    Answer first = api.post(GROUPS, body, "Idempotency-Key", "group-key");
    Answer second = api.post(GROUPS, body, "Idempotency-Key", "group-key");
    assertThat(first.status()).isEqualTo(201);
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.id()).isEqualTo(first.id());
    Answer other = api.post(GROUPS, body("repeats", 4, 2), "Idempotency-Key", "group-key");
    assertProblem(other, 409);
    assertThat(api.get("/api/v1/tasks?backend_type=repeats").json().get("total").intValue())
        .isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"samples\":2}|task",
        "{\"task\":{\"problem_id\":\"p\"}}|samples",
        "{\"task\":{\"problem_id\":\"p\"},\"samples\":0}|samples",
        "{\"task\":{\"problem_id\":\"p\"},\"samples\":257}|samples",
        "{\"task\":{\"problem_id\":\"p\"},\"samples\":\"2\"}|samples",
        "{\"task\":{\"problem_id\":\"p\"},\"samples\":2,\"early_stop\":3}|early_stop",
        "{\"task\":{\"problem_id\":\"p\"},\"samples\":2,\"early_stop\":0}|early_stop",
        "{\"task\":{\"problem_id\":\"p\"},\"samples\":2,\"color\":1}|color",
        "{\"task\":{\"max_steps\":3},\"samples\":2}|task.problem_id",
        "{\"task\":{\"problem_id\":\"p\",\"max_steps\":0},\"samples\":2}|task.max_steps",
        "{\"task\":[],\"samples\":2}|task"
      })
  void aBadGroupIsRefusedByField(String body, String field) {
    Answer answer = api.post(GROUPS, body);
    assertProblem(answer, 400);
    assertThat(answer.fields()).as("%s", answer).containsExactly(field);
  }

  @Test
  void meanAndDeviationAreOverTheRewardsThatExist() {
    Answer created = submit("rewards", 4, null);
    end("rewards", 1.0);
    end("rewards", 0.0);
    end("rewards", null);
    assertThat(group(created).get("done").booleanValue()).isFalse();
    fail("rewards");
    JsonNode group = group(created);
    assertThat(group.get("done").booleanValue()).isTrue();
    assertThat(group.get("usable").intValue()).isEqualTo(2);
    assertThat(group.at("/reward/count").intValue()).isEqualTo(2);
    assertThat(group.at("/reward/mean").doubleValue()).isEqualTo(0.5);
    assertThat(group.at("/reward/std").doubleValue()).isCloseTo(Math.sqrt(0.5), within(1e-9));
    JsonNode failed = group.at("/samples/3");
    assertThat(failed.get("reward").isNull()).isTrue();
    assertThat(failed.get("failure_code").stringValue()).isEqualTo("agent_error");
  }

  @Test
  void aWaitIsAnsweredWhenEnoughAreUsable() throws Exception {
    Answer created = submit("enough", 3, 2);
    CompletableFuture<JsonNode> waiting =
        CompletableFuture.supplyAsync(
            () -> api.get(GROUPS + "/" + created.id() + "?wait=60s").json());
    end("enough", 0.25);
    fail("enough");
    assertThat(waiting).isNotDone();
    end("enough", 0.75);
    JsonNode group = waiting.get();
    assertThat(group.get("done").booleanValue()).isTrue();
    assertThat(group.at("/reward/mean").doubleValue()).isEqualTo(0.5);
  }

  /** What the collector's sweep asks: each group is given once, and only when it is done. */
  @Test
  void groupsWithEnoughSamplesAreStoppedOnce() {
    TaskGroups groups = api.bean(TaskGroups.class);
    UUID wanting = UUID.fromString(submit("stops", 3, 1).id());
    UUID whole = UUID.fromString(submit("stops-not", 1, null).id());
    assertThat(groups.stop(100)).doesNotContain(wanting, whole);
    end("stops", 0.0);
    end("stops-not", 0.0);
    assertThat(groups.stop(100)).contains(wanting).doesNotContain(whole);
    assertThat(groups.stop(100)).doesNotContain(wanting);
    assertThat(groups.doneAmong(List.of(wanting, whole))).containsExactlyInAnyOrder(wanting, whole);
  }

  @Test
  void aCancelledGroupLeavesWhatHasEnded() {
    Answer created = submit("cancelled", 4, null);
    end("cancelled", 1.0);
    Task running = claim("cancelled");
    for (int repeat = 0; repeat < 2; repeat++) {
      JsonNode group =
          api.send(
                  java.net.http.HttpRequest.newBuilder(api.url(GROUPS + "/" + created.id()))
                      .DELETE())
              .json();
      assertThat(group.at("/by_status/completed").intValue()).isEqualTo(1);
      assertThat(group.at("/by_status/cancelled").intValue()).isEqualTo(2);
      assertThat(group.at("/by_status/running").intValue()).isEqualTo(1);
    }
    JsonNode task = api.get("/api/v1/tasks/" + running.id()).json();
    assertThat(task.get("cancel_requested_at").isNull()).isFalse();
    assertProblem(api.get(GROUPS + "/" + UUID.randomUUID()), 404);
  }

  @Test
  void staleWorkIsCancelledByFilter() {
    task("stale", "{\"policy\":41}");
    claim("stale");
    IntStream.range(0, 2).forEach(i -> task("stale", "{\"policy\":42}"));
    Answer refused = api.post("/api/v1/tasks/cancel", "{\"reason\":\"all of them\"}");
    assertProblem(refused, 400);
    assertThat(refused.fields()).containsExactly("(body)");
    Answer repeated =
        api.post("/api/v1/tasks/cancel", "{\"status\":[\"pending\",\"pending\",\"running\"]}");
    assertThat(repeated.status()).isEqualTo(400);
    assertThat(repeated.json().at("/details/0/field").stringValue()).isEqualTo("status");
    Answer ended = api.post("/api/v1/tasks/cancel", "{\"status\":[\"failed\"]}");
    assertThat(ended.fields()).containsExactly("status");
    Answer unstorable =
        api.post(
            "/api/v1/tasks/cancel",
            """
            {"problem_id":"a\\u0000","backend_type":"\\u0000","worker_id":"w\\u0000",
             "metadata":{"k\\u0000":"v","k":"\\u0000"},"reason":"\\u0000"}
            """);
    assertProblem(unstorable, 400);
    assertThat(unstorable.fields())
        .containsExactly(
            "backend_type", "metadata[k\0]", "metadata[k]", "problem_id", "reason", "worker_id");

    JsonNode first =
        api.post(
                "/api/v1/tasks/cancel",
                "{\"backend_type\":\"stale\",\"metadata\":{\"policy\":\"42\"}}")
            .json();
    assertThat(first.toString()).isEqualTo("{\"cancelled\":2,\"requested\":0,\"more\":false}");
    JsonNode second =
        api.post("/api/v1/tasks/cancel", "{\"backend_type\":\"stale\",\"reason\":\"old\"}").json();
    assertThat(second.toString()).isEqualTo("{\"cancelled\":0,\"requested\":1,\"more\":false}");
    JsonNode again = api.post("/api/v1/tasks/cancel", "{\"backend_type\":\"stale\"}").json();
    assertThat(again.toString()).isEqualTo("{\"cancelled\":0,\"requested\":0,\"more\":false}");
  }

  @Test
  void moreThanAStepIsCancelledAsWell() {
    String many =
        "{\"tasks\":[%s]}"
            .formatted(
                String.join(
                    ",",
                    java.util.Collections.nCopies(
                        999, "{\"problem_id\":\"p\",\"backend_type\":\"flood\"}")));
    assertThat(api.post("/api/v1/tasks/batch", many).status()).isEqualTo(201);
    assertThat(api.post("/api/v1/tasks/batch", many).status()).isEqualTo(201);
    JsonNode all = api.post("/api/v1/tasks/cancel", "{\"backend_type\":\"flood\"}").json();
    assertThat(all.get("cancelled").intValue()).isEqualTo(1998);
  }

  @Test
  void aPausedBackendStartsNothing() {
    task("paused-backend", "{}");
    Answer paused =
        api.post("/api/v1/backends/paused-backend/pause", "{\"reason\":\"weights 42\"}");
    assertThat(paused.json().get("pause_reason").stringValue()).isEqualTo("weights 42");
    assertThat(paused.json().get("queued").intValue()).isEqualTo(1);
    assertThat(tryClaim("paused-backend")).isNull();
    assertThat(api.get("/api/v1/backends").json().get("backends").valueStream())
        .filteredOn(one -> one.get("backend_type").stringValue().equals("paused-backend"))
        .singleElement()
        .satisfies(one -> assertThat(one.get("paused_at").isNull()).isFalse());
    Answer resumed = api.post("/api/v1/backends/paused-backend/resume", "");
    assertThat(resumed.json().get("paused_at").isNull()).isTrue();
    assertThat(tryClaim("paused-backend")).isNotNull();
    assertProblem(api.post("/api/v1/backends/NOT_A_LABEL/pause", ""), 404);
  }

  @Test
  void capacityTellsWhatIsFreeAndHowLongItTakes() {
    assertThat(
            api.post(
                    "/api/v1/workers/register",
                    "{\"id\":\"capacity-1\",\"backend_type\":\"capacity\"}")
                .status())
        .isEqualTo(201);
    task("capacity", "{}");
    task("capacity", "{}");
    end("capacity", 1.0);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> capacity("capacity").get("free").intValue() == 1);
    JsonNode capacity = capacity("capacity");
    assertThat(capacity.get("busy").intValue()).isZero();
    assertThat(capacity.get("queued").intValue()).isEqualTo(1);
    JsonNode problem = capacity.at("/problems/0");
    assertThat(problem.get("problem_id").stringValue()).isEqualTo("p");
    assertThat(problem.get("runs").intValue()).isEqualTo(1);
    assertThat(problem.at("/run_seconds/p90").doubleValue()).isGreaterThanOrEqualTo(0);
    assertThat(capacity("nobody-knows-it").get("free").intValue()).isZero();
  }

  private static JsonNode capacity(String backend) {
    return api.get("/api/v1/backends/" + backend + "/capacity").json();
  }

  private static String body(String backend, int samples, @Nullable Integer earlyStop) {
    return "{\"task\":{\"problem_id\":\"p\",\"max_steps\":7,\"backend_type\":\"%s\"},\"samples\":%d,\"early_stop\":%s}"
        .formatted(backend, samples, earlyStop);
  }

  /** The configurations of a new group's samples, by their index. */
  private static List<JsonNode> configs(String config, int samples) {
    Answer created =
        api.post(
            GROUPS,
            "{\"task\":{\"problem_id\":\"p\",\"agent_config\":%s},\"samples\":%d}"
                .formatted(config, samples));
    assertThat(created.status()).as("%s", created).isEqualTo(201);
    return created
        .json()
        .get("samples")
        .valueStream()
        .map(sample -> api.get("/api/v1/tasks/" + sample.get("task_id").stringValue()).json())
        .map(task -> task.at("/parameters/agent_config"))
        .toList();
  }

  private static Answer submit(String backend, int samples, @Nullable Integer earlyStop) {
    return api.post(GROUPS, body(backend, samples, earlyStop));
  }

  private static void task(String backend, String metadata) {
    Answer answer =
        api.submit(
            "{\"problem_id\":\"p\",\"backend_type\":\"%s\",\"metadata\":%s}"
                .formatted(backend, metadata));
    assertThat(answer.status()).isEqualTo(201);
  }

  private static JsonNode group(Answer created) {
    return api.get(GROUPS + "/" + created.id()).json();
  }

  private static @Nullable Task tryClaim(String backend) {
    return api.bean(TaskClaims.class)
        .claim(backend + "-1", backend, UUID.randomUUID())
        .orElse(null);
  }

  private static Task claim(String backend) {
    return Objects.requireNonNull(tryClaim(backend), "nothing pending for " + backend);
  }

  /** Runs the next task to its end, as worker and collector would. */
  private static void end(String backend, @Nullable Double reward) {
    Task task = claim(backend);
    UUID session = session(task);
    TaskResult result =
        new TaskResult("test", null, reward, Map.of(), Map.of(), null, null, null, 1, 0);
    api.bean(TaskResults.class).record(task.id(), session, 1, Instant.now(), result);
    api.bean(TaskEndings.class).finish(task.id(), session, TaskStatus.COMPLETED, null, null);
  }

  private static void fail(String backend) {
    Task task = claim(backend);
    api.bean(TaskEndings.class)
        .finish(task.id(), session(task), TaskStatus.FAILED, FailureCode.AGENT_ERROR, "it gave up");
  }

  private static UUID session(Task task) {
    return Objects.requireNonNull(task.run()).sessionId();
  }
}

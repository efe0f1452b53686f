package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.aiopslab.tasks.api.EndedTasks.Run;
import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.AiopslabResults;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.TaskStatus;
import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class TrajectoryIT {
  private static final String TASK = "{\"problem_id\":\"p\"}";

  @RegisterExtension
  static final RunningApi api = RunningApi.onItsOwnServers("--aiopslab.api.feed.looked=1000");

  private static EndedTasks tasks;
  private static Schema schema;

  @BeforeAll
  static void start() {

    tasks = new EndedTasks(api);
    schema =
        SchemaRegistry.withDefaultDialect(Dialects.getDraft202012())
            .getSchema(api.get("/api/v1/schemas/trajectory").json());
  }

  /** What the tests before have ended is in the feed. */
  @BeforeEach
  void feedWhatIsLeft() {
    tasks.feed(Duration.ZERO);
  }

  @Test
  void theRecordHasEverythingOfARunWithTokens() {
    Run run =
        tasks.claimed(
            """
            {"problem_id": "p", "metadata": {"round": 3}, "agent_config":
              {"agent": "openai", "model": "asked-for", "temperature": 0.7, "max_tokens": 64}}
            """);
    tasks.brief(run, "Find it.", "Act.", Map.of("submit", "submit(x): says it"));
    tasks.step(
        run,
        0,
        "assistant",
        "look()",
        "{\"prompt_ids\":[1,2,3],\"response_ids\":[4,5]}",
        "[-0.5,-0.25]",
        "{\"name\":\"policy-7b\",\"policy_version\":\"41\",\"finish_reason\":\"stop\"}");
    tasks.step(run, 1, "env", "seen");
    tasks.step(
        run,
        2,
        "assistant",
        "submit(1)",
        "{\"response_ids\":[6]}",
        null,
        "{\"name\":\"policy-7b\",\"policy_version\":42}");
    tasks.step(run, 3, "env", "done");
    tasks.end(run, TaskStatus.COMPLETED, null, 5);

    JsonNode record = trajectory(run);

    assertThat(record.get("complete").booleanValue()).isTrue();
    assertThat(record.get("messages"))
        .isEqualTo(
            json(
                """
                [{"role": "system", "content": "Find it.\\n\\nThe actions:\\n\\nsubmit\\nsubmit(x): says it"},
                 {"role": "user", "content": "Act."},
                 {"role": "assistant", "content": "look()"}, {"role": "user", "content": "seen"},
                 {"role": "assistant", "content": "submit(1)"}, {"role": "user", "content": "done"}]
                """));
    assertThat(record.at("/steps/0/action_message").intValue()).isEqualTo(2);
    assertThat(record.at("/steps/0/observation_message").intValue()).isEqualTo(3);
    assertThat(record.at("/steps/0/reward").isNull()).isTrue();
    assertThat(record.at("/steps/0/terminated").booleanValue()).isFalse();
    assertThat(record.at("/steps/1/reward").doubleValue()).isEqualTo(0.5);
    assertThat(record.at("/steps/1/terminated").booleanValue()).isTrue();
    assertThat(record.at("/steps/1/model_ms").doubleValue()).isEqualTo(12.5);
    assertThat(record.at("/steps/1/environment_ms").doubleValue()).isEqualTo(3.0);
    assertThat(record.get("samples"))
        .isEqualTo(
            json(
                """
                [{"step": 0, "message": 2, "prompt_ids": [1, 2, 3], "response_ids": [4, 5],
                  "response_mask": [1, 1], "response_logprobs": [-0.5, -0.25],
                  "versions": ["41", "41"]},
                 {"step": 1, "message": 4, "prompt_ids": null, "response_ids": [6],
                  "response_mask": [1], "response_logprobs": null, "versions": [42]}]
                """));
    assertThat(record.get("samples_left_out")).isEmpty();
    assertThat(record.get("policy"))
        .isEqualTo(
            json(
                """
                {"agent": "openai", "model": "policy-7b", "version_start": "41", "version_end": 42,
                 "sampling": {"temperature": 0.7, "max_tokens": 64}}
                """));
    assertThat(record.at("/usage/prompt_tokens").doubleValue()).isEqualTo(7);
    assertThat(record.at("/timing_ms/setup").doubleValue()).isEqualTo(1500);
    assertThat(record.at("/timing_ms/run").doubleValue()).isEqualTo(250);
    assertThat(record.at("/timing_ms/grading").isNull()).isTrue();
    assertThat(record.at("/attestation/fault_injected").booleanValue()).isTrue();
    assertThat(record.at("/metadata/round").intValue()).isEqualTo(3);
    assertThat(record.get("reward").doubleValue()).isEqualTo(0.5);
    assertThat(record.get("stop_reason").stringValue()).isEqualTo("submitted");
  }

  /** A list of JSON values apart from the tokens, then what the record says about them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"response_ids":[1,2,3]}                 | [-0.5]       | there are 1 log-probabilities for 3 response_ids
          {"response_ids":[1,-2]}                  |              | response_ids is no list of token ids
          {"response_ids":"1,2"}                   |              | response_ids is no list of token ids
          {"response_ids":[1],"prompt_ids":[1.5]}  |              | prompt_ids is no list of token ids
          {"prompt":12,"completion":7}             |              | there are no response_ids
          {"response_ids":[1]}                     | ["x"]        | the log-probabilities are no list of numbers
          [1,2]                                    | [0.1,0.2]    | there are no response_ids
          {"response_ids":[]}                      |              | response_ids is empty
          {"response_ids":[1,2]}                   | [-1,0.5]     | a log-probability is above 0: 0.5
          {"response_ids":[1],"versions":[4,5]}    |              | the versions do not fit the 1 response_ids
          {"response_ids":[1],"versions":[null]}   |              | the versions do not fit the 1 response_ids
          {"response_ids":[1],"versions":"4"}      |              | the versions do not fit the 1 response_ids
          {"response_ids":[1,2],"versions":[{"version":4,"start":0,"end":1}]} | | the versions do not fit the 2 response_ids
          {"response_ids":[1,2],"versions":[{"version":4,"start":0,"end":3}]} | | the versions do not fit the 2 response_ids
          {"response_ids":[1],"left_out":"there are too many"} | | there are too many
                                                   |              | there are no response_ids
                                                   | [-0.5]       | there are no response_ids
          """)
  void tokensThatCannotBeUsedAreLeftOutByName(String tokens, String logprobs, String reason) {
    Run run = tasks.claimed(TASK);
    tasks.step(run, 0, "assistant", "a", "{\"response_ids\":[7]}", null, null);
    tasks.step(run, 1, "assistant", "b", tokens, logprobs, null);
    tasks.end(run, TaskStatus.COMPLETED, null, 2);
    JsonNode record = trajectory(run);
    assertThat(record.get("samples")).hasSize(1);
    assertThat(record.at("/samples_left_out/0/step").intValue()).isEqualTo(1);
    assertThat(record.at("/samples_left_out/0/reason").stringValue()).isEqualTo(reason);
  }

  @Test
  void stepsWithoutTokensAreNamedWhereTokensWereAskedForOnly() {
    for (boolean asked : List.of(true, false)) {
      Run run =
          tasks.claimed(
              "{\"problem_id\":\"p\",\"agent_config\":{\"token_ids\":%s}}".formatted(asked));
      tasks.step(run, 0, "assistant", "a");
      tasks.step(run, 1, "env", "b");
      tasks.end(run, TaskStatus.COMPLETED, null, 2);
      JsonNode record = trajectory(run);
      assertThat(record.get("samples")).isEmpty();
      assertThat(record.get("samples_left_out"))
          .isEqualTo(
              json(asked ? "[{\"step\":0,\"reason\":\"there are no response_ids\"}]" : "[]"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abort", "error", "cancelled", "timeout"})
  void aGenerationThatFailedIsNoSample(String reason) {
    Run run = tasks.claimed(TASK);
    String model = "{\"finish_reason\":\"%s\"}".formatted(reason);
    tasks.step(run, 0, "assistant", "half a", "{\"response_ids\":[7]}", "[-1]", model);
    tasks.end(run, TaskStatus.COMPLETED, null, 1);
    JsonNode record = trajectory(run);
    assertThat(record.get("samples")).isEmpty();
    assertThat(record.at("/samples_left_out/0/reason").stringValue())
        .isEqualTo("the generation failed (finish_reason %s)".formatted(reason));
  }

  /** As vLLM has it; the others stay. */
  @Test
  void logProbabilitiesWithoutAFloorGetOne() {
    Run run = tasks.claimed(TASK);
    String ids = "{\"response_ids\":[1,2,3,4,5]}";
    tasks.step(run, 0, "assistant", "a", ids, "[-1.5,null,-1e30,0.000003,-0.25]", null);
    tasks.end(run, TaskStatus.COMPLETED, null, 1);
    JsonNode record = trajectory(run);
    assertThat(record.at("/samples/0/response_logprobs"))
        .isEqualTo(json("[-1.5,-9999.0,-9999.0,0.0,-0.25]"));
  }

  @Test
  void versionsOfSingleTokensAreKept() {
    Run run = tasks.claimed(TASK);
    String spans =
        "[{\"version\":\"4\",\"start\":0,\"end\":2},{\"version\":\"5\",\"start\":2,\"end\":3}]";
    String model = "{\"policy_version\":\"4\",\"policy_version_end\":\"5\"}";
    String ids = "{\"response_ids\":[1,2,3],\"versions\":%s}";
    tasks.step(run, 0, "assistant", "a", ids.formatted(spans), null, model);
    tasks.step(run, 1, "assistant", "a", ids.formatted("[5,5,6]"), null, null);
    tasks.end(run, TaskStatus.COMPLETED, null, 2);
    JsonNode record = trajectory(run);
    assertThat(record.at("/samples/0/versions")).isEqualTo(json("[\"4\",\"4\",\"5\"]"));
    assertThat(record.at("/samples/1/versions")).isEqualTo(json("[5,5,6]"));
    assertThat(record.at("/policy/version_start").stringValue()).isEqualTo("4");
    assertThat(record.at("/policy/version_end").stringValue()).isEqualTo("5");
  }

  @Test
  void whatAToolSaysIsAnObservationWithItsOwnRole() {
    Run run = tasks.claimed(TASK);
    tasks.step(run, 0, "assistant", "look()");
    tasks.step(run, 1, "tool", "seen");
    tasks.end(run, TaskStatus.COMPLETED, null, 2);
    JsonNode record = trajectory(run);
    assertThat(record.at("/messages/1"))
        .isEqualTo(json("{\"role\":\"tool\",\"content\":\"seen\"}"));
    assertThat(record.at("/steps/0/observation_message").intValue()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "FAILED, TIMEOUT, timeout",
    "FAILED, AGENT_ERROR, agent_error",
    "CANCELLED, , cancelled"
  })
  void aRunThatDidNotEndWellHasNoReward(TaskStatus status, FailureCode failure, String stopReason) {
    Run run = tasks.claimed(TASK);
    tasks.step(run, 0, "assistant", "a");
    tasks.end(run, status, failure, 1);
    JsonNode record = trajectory(run);
    assertThat(record.get("reward").isNull()).isTrue();
    assertThat(record.at("/steps/0/reward").isNull()).isTrue();
    assertThat(record.get("terminated").booleanValue()).isFalse();
    assertThat(record.at("/steps/0/truncated").booleanValue()).isTrue();
    assertThat(record.get("stop_reason").stringValue()).isEqualTo(stopReason);
    assertThat(record.get("complete").booleanValue()).isTrue();
    assertThat(record.get("error").isNull()).isEqualTo(failure == null);
  }

  @Test
  void aRunThatNeverReportedItsEndIsNotComplete() {
    Run run = tasks.claimed(TASK);
    tasks.step(run, 0, "assistant", "a");
    tasks.endUnreported(run, TaskStatus.FAILED, FailureCode.WORKER_LOST);
    assertThat(tasks.feed()).as("nobody waits for what nobody knows of").isPositive();
    JsonNode record = trajectory(run);
    assertThat(record.get("complete").booleanValue()).isFalse();
    assertThat(record.at("/error/code").stringValue()).isEqualTo("worker_lost");
  }

  @Test
  void aTaskThatWasCancelledBeforeItBeganIsAnEmptyTrajectory() {
    String id = api.submit(TASK).id();
    api.post("/api/v1/tasks/" + id + "/cancel", "{\"reason\":\"stale\"}");
    JsonNode record = checked(api.get("/api/v1/tasks/" + id + "/trajectory"));
    assertThat(record.get("started_at").isNull()).isTrue();
    assertThat(record.get("messages")).isEmpty();
    assertThat(record.get("complete").booleanValue()).isTrue();
  }

  @Test
  void messagesThatAreMissingLeaveNoHoleInTheIndexes() {
    Run run = tasks.claimed(TASK);
    tasks.step(run, 0, "assistant", "a");
    tasks.step(run, 3, "env", "b");
    tasks.step(run, 4, "assistant", "c");
    tasks.end(run, TaskStatus.COMPLETED, null, 5);
    assertThat(tasks.feed()).as("held back").isZero();
    assertThat(tasks.feed(Duration.ZERO)).as("not for ever").isEqualTo(1);
    JsonNode record = trajectory(run);
    assertThat(record.get("complete").booleanValue()).isFalse();
    assertThat(record.at("/steps/1/action_message").intValue()).isEqualTo(2);
    tasks.step(run, 1, "env", "late");
    tasks.step(run, 2, "assistant", "late too");
    assertThat(trajectory(run).get("complete").booleanValue()).isTrue();
  }

  @Test
  void linesThatAreMissingHoldTheRunBackToo() {
    Run run = tasks.claimed(TASK);
    tasks.step(run, 0, "assistant", "a");
    tasks.lines(run, 0, 1, 3);
    tasks.end(run, TaskStatus.COMPLETED, null, 1, 4);
    assertThat(tasks.feed()).as("held back").isZero();
    assertThat(trajectory(run).get("complete").booleanValue()).isFalse();
    tasks.lines(run, 2);
    assertThat(tasks.feed()).isEqualTo(1);
    assertThat(trajectory(run).get("complete").booleanValue()).isTrue();
  }

  @Test
  void aiopslabsOwnResultIsServedAsItCame() {
    Run run = tasks.claimed(TASK);
    String path = "/api/v1/tasks/" + run.task() + "/aiopslab-result";
    assertThat(api.get(path).json().get("error").stringValue())
        .contains("It is running: wait for its end");
    tasks.end(run, TaskStatus.COMPLETED, null, 1);
    assertThat(api.get(path).status()).isEqualTo(404);
    assertThat(api.get(path).json().get("code").stringValue())
        .isEqualTo("aiopslab_result_not_found");
    assertThat(api.get(run.path()).json().get("complete").booleanValue()).isFalse();

    String json =
        "{\"agent\":\"gpt\",\"trace\":[{\"role\":\"env\",\"content\":\"gr\u00fcn \\u0000\"}]}";
    ObjectNode content = (ObjectNode) Json.mapper().readTree(json);
    api.bean(AiopslabResults.class)
        .record(List.of(new AiopslabResults.Entry(run.task(), content, EndedTasks.THEN)));
    Answer answer = api.get(path);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json()).isEqualTo(content);
    assertThat(api.get(run.path()).json().get("complete").booleanValue()).isTrue();
    String unknown = path.replace(run.task().toString(), new UUID(0, 7).toString());
    assertThat(api.get(unknown).json().get("code").stringValue()).isEqualTo("task_not_found");
  }

  @Test
  void hostileContentIsCarriedAsItIs() {
    String hostile = "\u0000\u2028\u001b[2J</script>{\"next\":\"x\"}\n\r\n\ud83d\ude80\"\\";
    Run run = tasks.claimed(TASK);
    tasks.brief(run, hostile, hostile, Map.of(hostile, hostile));
    tasks.step(
        run,
        0,
        "assistant",
        hostile,
        "{\"response_ids\":[1]}",
        null,
        "{\"policy_version\":\"9\\u0000\",\"reasoning\":\"\\n\\u0000\\u2028\"}");
    tasks.end(run, TaskStatus.COMPLETED, null, 2);
    assertThat(tasks.feed()).as("what PostgreSQL cannot read does not stop the feed").isPositive();
    JsonNode record = trajectory(run);
    assertThat(record.at("/messages/2/content").stringValue())
        .isEqualTo(hostile.replace('\u0000', '\ufffd'));
    assertThat(record.at("/steps/0/model/reasoning").stringValue()).isEqualTo("\n\u0000\u2028");
    String lines = lines("?limit=1000");
    assertThat(lines.lines().map(Json.mapper()::readTree).toList())
        .anyMatch(line -> run.task().toString().equals(line.path("task_id").asString()));
  }

  @Test
  void aTaskThatHasNotEndedSaysWhereTheMessagesAre() {
    Run run = tasks.claimed(TASK);
    Answer answer = api.get(run.path());
    assertProblem(answer, 409);
    assertThat(answer.json().get("code").stringValue()).isEqualTo("task_not_ended");
    assertThat(answer.json().get("error").stringValue()).contains("/steps");
    assertProblem(api.get("/api/v1/tasks/" + UUID.randomUUID() + "/trajectory"), 404);
  }

  /** 30 MB, of which neither side may hold much: the API writes it in pieces. */
  @Test
  void aLargeTrajectoryIsStreamed() throws Exception {
    Run run = tasks.claimed(TASK);
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1_000_000; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    for (int index = 0; index < 30; index++) {
      tasks.step(run, index, index % 2 == 0 ? "assistant" : "env", text.toString());
    }
    tasks.end(run, TaskStatus.COMPLETED, null, 30);
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<byte[]> answer =
        client.send(
            HttpRequest.newBuilder(api.url(run.path())).header("Accept-Encoding", "gzip").build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(answer.headers().firstValue("Transfer-Encoding")).contains("chunked");
    byte[] plain = new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
    assertThat(plain.length).isGreaterThan(30_000_000);
    assertThat(Json.mapper().readTree(plain).get("messages")).hasSize(30);
  }

  @Test
  void theFeedIsFilteredAndItsCursorGoesOnAllTheSame() {
    String mine = UUID.randomUUID().toString();
    String start = end();
    List<String> matching = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      boolean match = i % 3 == 0;
      Run run =
          tasks.claimed(
              "{\"problem_id\":\"p\",\"metadata\":{\"run\":\"%s\"}}"
                  .formatted(match ? mine : "other"));
      tasks.step(run, 0, "assistant", "a", null, null, "{\"policy_version\":" + i + "}");
      tasks.end(run, i == 6 ? TaskStatus.CANCELLED : TaskStatus.COMPLETED, null, 1);
      tasks.feed();
      if (match) {
        matching.add(run.task().toString());
      }
    }
    assertThat(walk(start, "&metadata.run=" + mine, 1)).isEqualTo(matching);
    assertThat(walk(start, "&metadata.run=" + mine, 100)).isEqualTo(matching);
    assertThat(walk(start, "&status=completed&metadata.run=" + mine, 2))
        .isEqualTo(matching.subList(0, 2));
    assertThat(walk(start, "&min_policy_version=3&metadata.run=" + mine, 2))
        .isEqualTo(matching.subList(1, 3));
    assertThat(walk(start, "&min_policy_version=3.5", 2)).hasSize(3);
    assertThat(walk(start, "&problem_id=none", 100)).isEmpty();
    assertThat(walk(start, "&backend_type=none", 100)).isEmpty();
    assertThat(api.get("/api/v1/trajectories?problem_id=none&after=" + start).json())
        .as("an empty page moves on too")
        .isEqualTo(json("{\"trajectories\": [], \"next\": \"" + end() + "\"}"));
  }

  @Test
  void theSamplesOfAGroupComeWithTheirPlaces() {
    String start = end();
    String group =
        api.post("/api/v1/groups", "{\"task\":{\"problem_id\":\"p\"},\"samples\":3}").id();
    api.submit(TASK);
    api.post("/api/v1/tasks/cancel", "{\"backend_type\":\"default\"}");
    tasks.feed();
    JsonNode page = api.get("/api/v1/trajectories?after=" + start + "&group_id=" + group).json();
    assertThat(page.get("trajectories").valueStream())
        .allSatisfy(one -> assertThat(schema.validate(one)).isEmpty())
        .allSatisfy(one -> assertThat(one.get("group_id").stringValue()).isEqualTo(group))
        .extracting(one -> one.get("sample_index").intValue())
        .containsExactlyInAnyOrder(0, 1, 2);
    assertThat(walk(start, "", 100)).hasSizeGreaterThan(3);
  }

  @Test
  void aPageOfLinesHasACursorInEachAndANextAtItsEnd() {
    Run run = tasks.claimed(TASK);
    tasks.end(run, TaskStatus.COMPLETED, null, 0);
    tasks.feed();
    List<JsonNode> lines = lines("?limit=1000").lines().map(Json.mapper()::readTree).toList();
    JsonNode last = lines.get(lines.size() - 1);
    JsonNode before = lines.get(lines.size() - 2);
    assertThat(last.propertyNames()).containsExactly("next");
    assertThat(last.get("next")).isEqualTo(before.get("cursor"));
    for (JsonNode line : lines.subList(0, lines.size() - 1)) {
      assertThat(schema.validate(line)).isEmpty();
    }
    assertThat(lines("?after=" + last.get("next").stringValue()).lines()).hasSize(1);
  }

  @Test
  void aWaitEndsWithTheNextTrajectoryThatMatches() {
    String mine = UUID.randomUUID().toString();
    String query = "?after=" + end() + "&wait=30s&metadata.run=" + mine;
    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(() -> api.get("/api/v1/trajectories" + query));
    Run other = tasks.claimed(TASK);
    tasks.end(other, TaskStatus.COMPLETED, null, 0);
    tasks.feed();
    Run wanted =
        tasks.claimed("{\"problem_id\":\"p\",\"metadata\":{\"run\":\"%s\"}}".formatted(mine));
    tasks.end(wanted, TaskStatus.COMPLETED, null, 0);
    assertThat(waiting).isNotDone();
    tasks.feed();
    JsonNode page = waiting.join().json();
    assertThat(page.get("trajectories")).hasSize(1);
    assertThat(page.at("/trajectories/0/task_id").stringValue())
        .isEqualTo(wanted.task().toString());
  }

  @Test
  void aWaitInVainEndsInTimeWithItsCursor() {
    String at = end();
    Answer answer = api.get("/api/v1/trajectories?wait=200ms&after=" + at);
    assertThat(answer.json()).isEqualTo(json("{\"trajectories\": [], \"next\": \"" + at + "\"}"));
  }

  /** From the commit that gives the position until the answer is there; printed, not judged. */
  @Test
  void aWaitingReaderIsWokenSoon() {
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String query = "?wait=30s&after=" + end();
      CompletableFuture<Long> answered =
          CompletableFuture.supplyAsync(
              () -> {
                assertThat(api.get("/api/v1/trajectories" + query).json().get("trajectories"))
                    .hasSize(1);
                return System.nanoTime();
              });
      Run run = tasks.claimed(TASK);
      tasks.end(run, TaskStatus.COMPLETED, null, 0);
      long start = System.nanoTime();
      tasks.feed();
      millis.add((answered.join() - start) / 1_000_000);
    }
    millis.sort(null);
    System.out.println(
        "TrajectoryIT: from commit to answer, ms: median %d, most %d"
            .formatted(millis.get(10), millis.get(19)));
    assertThat(millis.get(10)).isLessThan(1000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "after=",
        "after=x",
        "after=AQAAAAAAAAAA!",
        "after=Af__________",
        "limit=0",
        "limit=1001",
        "wait=61s",
        "status=running",
        "status=",
        "problem_id=",
        "min_policy_version=v1",
        "min_policy_version=1e9",
        "group_id=1",
        "group=1"
      })
  void badParameterIsRefusedByName(String query) {
    Answer answer = api.get("/api/v1/trajectories?" + query);
    assertProblem(answer, 400);
    assertThat(answer.fields()).containsExactly(query.substring(0, query.indexOf('=')));
  }

  @Test
  void aCursorOfAnotherInstallationIsRefused() {
    Answer answer = api.get("/api/v1/trajectories?after=AQAAAAD_____");
    assertProblem(answer, 400);
    assertThat(answer.json().get("error").stringValue()).contains("another installation");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json | application/json",
        "application/x-ndjson | application/x-ndjson",
        "*/* | application/json",
        "application/* | application/json",
        "application/json;q=0.5, application/x-ndjson | application/x-ndjson",
        "application/x-ndjson;q=0.5, */*;q=0.1 | application/x-ndjson",
        "text/plain, application/json;q=0.1 | application/json"
      })
  void theFormIsTheClientsChoice(String accept, String answered) {
    Answer answer =
        api.send(
            HttpRequest.newBuilder(api.url("/api/v1/trajectories?limit=1"))
                .header("Accept", accept));
    assertThat(answer.header("Content-Type")).startsWith(answered);
  }

  @Test
  void openRequestsAreBounded() {
    try (RunningApi small = api.another("--aiopslab.api.feed.most=1")) {
      String query = "/api/v1/trajectories?wait=20s&after=" + end();
      // The looks below may hold the one place when it comes first.
      CompletableFuture<Answer> waiting =
          CompletableFuture.supplyAsync(
              () ->
                  await()
                      .atMost(Duration.ofSeconds(60))
                      .until(() -> small.get(query), a -> a.status() == 200));
      Answer refused =
          await()
              .atMost(Duration.ofSeconds(20))
              .until(() -> small.get("/api/v1/trajectories?limit=1"), a -> a.status() == 503);
      assertThat(refused.json().get("code").stringValue()).isEqualTo("too_many_streams");
      assertThat(refused.header("Retry-After")).isNotEmpty();
      Run run = tasks.claimed(TASK);
      tasks.end(run, TaskStatus.COMPLETED, null, 0);
      tasks.feed();
      assertThat(waiting.join().json().get("trajectories")).hasSize(1);
      await().until(() -> small.get("/api/v1/trajectories?limit=1").status() == 200);
    }
  }

  /**
   * One answer written at once, two clients waited for: three that are slow, and one that is not.
   */
  @Test
  void slowClientsKeepNobodyElseWaiting() throws Exception {
    Run large = tasks.claimed(TASK);
    for (int i = 0; i < 60; i++) {
      tasks.step(large, i, "assistant", "x".repeat(200_000));
    }
    tasks.end(large, TaskStatus.COMPLETED, null, 60);
    Run small = tasks.claimed(TASK);
    tasks.end(small, TaskStatus.COMPLETED, null, 0);
    try (RunningApi narrow =
            api.another("--aiopslab.api.feed.writers=1", "--aiopslab.api.feed.slow-clients=2");
        SlowReader one = SlowReader.of(narrow.url(large.path()));
        SlowReader two = SlowReader.of(narrow.url(large.path()));
        SlowReader three = SlowReader.of(narrow.url(large.path()))) {
      for (SlowReader slow : List.of(one, two, three)) {
        slow.awaitFirstBytes();
      }
      assertThat(narrow.get(small.path()).status()).isEqualTo(200);
    }
  }

  private static List<String> walk(String after, String query, int limit) {
    List<String> ids = new ArrayList<>();
    String last = end();
    String next = after;
    while (!next.equals(last)) {
      JsonNode page =
          api.get("/api/v1/trajectories?limit=" + limit + "&after=" + next + query).json();
      page.get("trajectories").forEach(one -> ids.add(one.get("task_id").stringValue()));
      next = page.get("next").stringValue();
    }
    return ids;
  }

  /** The cursor of the end of the feed. */
  private static String end() {
    return api.get("/api/v1/trajectories?limit=1000&problem_id=" + encoded("no such problem"))
        .json()
        .get("next")
        .stringValue();
  }

  private static String lines(String query) {
    return api.send(
            HttpRequest.newBuilder(api.url("/api/v1/trajectories" + query))
                .header("Accept", "application/x-ndjson"))
        .response()
        .body();
  }

  private static JsonNode trajectory(Run run) {
    return checked(api.get(run.path()));
  }

  private static JsonNode checked(Answer answer) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    JsonNode record = answer.json();
    assertThat(schema.validate(record)).isEmpty();
    return record;
  }

  private static JsonNode json(String text) {
    return Json.mapper().readTree(text);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}

package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.RunningApi.Answer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Submitting the same again: with a key of the client's own, and on purpose. */
class RepeatIT {
  private static final String TASKS = "/api/v1/tasks";
  private static final String BATCH = "/api/v1/tasks/batch";
  private static final String KEY = "Idempotency-Key";

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void sameKeyAndBodyGiveTheFirstTaskBack() {
    Answer first =
        api.post(
            TASKS,
            "{\"problem_id\":\"p\",\"max_steps\":7,\"metadata\":{\"a\":1,\"b\":[1.50,{\"c\":2,\"d\":3}]}}",
            KEY,
            "same ~ key");
    assertThat(first.status()).as("%s", first).isEqualTo(201);
    assertThat(first.header("Idempotency-Replayed")).isEmpty();
    end(first.id(), "cancelled");
    Answer again =
        api.post(
            TASKS,
            """
            { "metadata" : {"b": [15e-1, {"d": 3, "c": 2}], "a": 1}, "priority": null,
              "max_steps": 7, "problem_id": "p" }
            """,
            KEY,
            "same ~ key");
    assertThat(again.status()).as("%s", again).isEqualTo(200);
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(again.header("Location")).isEqualTo(TASKS + "/" + first.id());
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.json().get("status").stringValue()).isEqualTo("cancelled");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"problem_id\":\"p\"}",
        "{\"problem_id\":\"p\",\"metadata\":{\"a\":\"1\"}}",
        "{\"problem_id\":\"p\",\"metadata\":{\"a\":[1]}}",
        "{\"problem_id\":\"p\",\"metadata\":{\"a\":null}}",
        "{\"problem_id\":\"p\",\"agent_config\":{\"a\":1}}",
        "{\"problem_id\":\"p\",\"metadata\":{\"a\":1},\"max_steps\":1}"
      })
  void sameKeyAndAnotherBodyIsAConflict(String other) {
    api.post(TASKS, "{\"problem_id\":\"p\",\"metadata\":{\"a\":1}}", KEY, "reused");
    Answer conflict = api.post(TASKS, other, KEY, "reused");
    assertProblem(conflict, 409);
    assertThat(conflict.json().get("code").stringValue()).isEqualTo("idempotency_key_reused");
  }

  @Test
  void fiftyAtTheSameTimeGiveOneTask() {
    List<Answer> answers =
        fiftyAtOnce(() -> api.post(TASKS, "{\"problem_id\":\"rush\"}", KEY, "rush"));
    assertThat(answers).extracting(Answer::status).containsOnly(200, 201);
    assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
    assertThat(answers).extracting(Answer::id).containsOnly(answers.get(0).id());
    assertThat(rows("rush")).isEqualTo(1);
  }

  @Test
  void fiftyBatchesAtTheSameTimeGiveOneBatch() {
    String body =
        "{\"tasks\":[{\"problem_id\":\"heap\"},{\"problem_id\":\"heap\",\"priority\":1}]}";
    List<Answer> answers = fiftyAtOnce(() -> api.post(BATCH, body, KEY, "heap"));
    assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(49);
    List<String> firstIds = ids(answers.get(0));
    assertThat(firstIds).hasSize(2);
    assertThat(answers).allSatisfy(answer -> assertThat(ids(answer)).isEqualTo(firstIds));
    assertThat(rows("heap")).isEqualTo(2);
  }

  @Test
  void keyIsForOneKindOfCall() {
    String body = "{\"problem_id\":\"p\"}";
    assertThat(api.post(TASKS, body, KEY, "kind").status()).isEqualTo(201);
    assertProblem(api.post(BATCH, "{\"tasks\":[" + body + "]}", KEY, "kind"), 409);
  }

  @Test
  void whatFailedLeavesNoKey() {
    assertProblem(api.post(TASKS, "{}", KEY, "failed"), 400);
    String pending = api.submit("{\"problem_id\":\"p\"}").id();
    assertProblem(api.post(TASKS + "/" + pending + "/retry", "", KEY, "failed"), 409);
    assertThat(api.sql().queryForList("SELECT 1 FROM idempotency_keys WHERE key = 'failed'"))
        .isEmpty();
    assertThat(api.post(TASKS, "{\"problem_id\":\"p\"}", KEY, "failed").status()).isEqualTo(201);
  }

  @Test
  void keyHasItsForm() {
    for (String bad : new String[] {"", "x".repeat(256), "a\tb"}) {
      Answer answer = api.post(TASKS, "{\"problem_id\":\"p\"}", KEY, bad);
      assertProblem(answer, 400);
      assertThat(answer.fields()).containsExactly(KEY);
    }
    assertThat(api.post(TASKS, "{\"problem_id\":\"p\"}", KEY, "x".repeat(255)).status())
        .isEqualTo(201);
  }

  @Test
  void endedTaskIsRetriedWithEverythingThatWasAskedFor() {
    Answer original =
        api.submit(
            """
            {"problem_id": "again", "agent_config": {"agent": "rule_based", "t": 0.7},
             "max_steps": 7, "timeout_minutes": 9, "callback_url": "https://trainer.example/x",
             "metadata": {"a": [1, null]}, "priority": 9, "backend_type": "gpu-1"}
            """);
    assertThat(original.json().get("retry_of").isNull()).isTrue();
    end(original.id(), "cancelled");
    Answer retry = api.post(TASKS + "/" + original.id() + "/retry", "", KEY, "again");
    assertThat(retry.status()).as("%s", retry).isEqualTo(201);
    assertThat(retry.header("Location")).isEqualTo(TASKS + "/" + retry.id());
    JsonNode task = api.get(retry.header("Location")).json();
    assertThat(task.get("status").stringValue()).isEqualTo("pending");
    assertThat(task.get("retry_of").stringValue()).isEqualTo(original.id());
    for (String same :
        new String[] {
          "problem_id", "backend_type", "priority", "parameters", "callback_url", "metadata"
        }) {
      assertThat(task.get(same)).isEqualTo(original.json().get(same));
    }
    Answer repeated = api.post(TASKS + "/" + original.id() + "/retry", "", KEY, "again");
    assertThat(repeated.status()).isEqualTo(200);
    assertThat(repeated.id()).isEqualTo(retry.id());
    assertThat(api.post(TASKS + "/" + original.id() + "/retry", "").id()).isNotEqualTo(retry.id());
  }

  @Test
  void onlyAnEndedTaskIsRetried() {
    String id = api.submit("{\"problem_id\":\"p\"}").id();
    Answer refused = api.post(TASKS + "/" + id + "/retry", "");
    assertProblem(refused, 409);
    assertThat(refused.json().get("code").stringValue()).isEqualTo("task_not_ended");
    assertThat(refused.json().get("error").stringValue()).contains("pending");
    assertProblem(api.post(TASKS + "/" + UUID.randomUUID() + "/retry", ""), 404);
    assertProblem(api.post(TASKS + "/x/retry", ""), 400);
  }

  private static List<Answer> fiftyAtOnce(Supplier<Answer> call) {
    CountDownLatch begin = new CountDownLatch(50);
    List<CompletableFuture<Answer>> calls =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          begin.countDown();
                          try {
                            begin.await();
                          } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                          }
                          return call.get();
                        },
                        task -> new Thread(task).start()))
            .limit(50)
            .toList();
    return calls.stream().map(CompletableFuture::join).toList();
  }

  private static List<String> ids(Answer batch) {
    return batch.json().get("tasks").valueStream().map(t -> t.get("id").stringValue()).toList();
  }

  private static int rows(String problem) {
    return api.sql().queryForList("SELECT id FROM tasks WHERE problem_id = ?", problem).size();
  }

  private static void end(String id, String status) {
    api.sql()
        .update(
            "UPDATE tasks SET status = ?, completed_at = now(), changed_by = 'test' WHERE id = ?",
            status,
            UUID.fromString(id));
  }
}

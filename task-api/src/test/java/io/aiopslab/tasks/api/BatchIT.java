package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.broker.Topology;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class BatchIT {
  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void thousandTasksAreStoredInOrderAndGetTheirTickets() {
    Answer answer =
        batch(
            IntStream.range(0, 1000)
                .mapToObj(
                    i ->
                        """
                        {"problem_id":"p-%d","priority":%d,"metadata":{"i":%d,"x":"é😀"},
                         "agent_config":{"a":[1,null]},"backend_type":"many"%s}"""
                            .formatted(
                                i,
                                i % 11,
                                i,
                                i % 2 == 0 ? "" : ",\"callback_url\":\"http://h/\"")));
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    JsonNode tasks = answer.json().get("tasks");
    assertThat(tasks.size()).isEqualTo(1000);
    String last = "";
    for (int i = 0; i < 1000; i++) {
      JsonNode task = tasks.get(i);
      assertThat(task.get("problem_id").stringValue()).isEqualTo("p-" + i);
      assertThat(task.get("status").stringValue()).isEqualTo("pending");
      assertThat(task.get("priority").intValue()).isEqualTo(i % 11);
      assertThat(task.at("/metadata/i").intValue()).isEqualTo(i);
      assertThat(task.get("callback_url").isNull()).isEqualTo(i % 2 == 0);
      assertThat(task.get("id").stringValue()).isGreaterThan(last);
      last = task.get("id").stringValue();
    }
    JsonNode read = api.get("/api/v1/tasks/" + last).json();
    assertThat(read.get("metadata").toString()).isEqualTo("{\"i\":999,\"x\":\"é😀\"}");
    await("their tickets").until(() -> api.broker().messages(Topology.ticketQueue("many")) == 1000);
  }

  @Test
  void everythingThatIsWrongIsToldByPlaceAndNothingIsStored() {
    int before = rows();
    Answer answer =
        batch(
            Stream.of(
                "{\"problem_id\":\"p\"}",
                "{\"priority\":11,\"x\":1}",
                "7",
                "{\"problem_id\":\"p\",\"max_steps\":\"1\",\"metadata\":{\"a\":[1e999]}}",
                "{\"problem_id\":\"p\",\"agent_config\":{\"api_key\":\"hunter2\"}}"));
    assertProblem(answer, 400);
    assertThat(answer.json().get("code").stringValue()).isEqualTo("invalid_batch");
    assertThat(answer.fields())
        .containsExactlyInAnyOrder(
            "tasks[1].problem_id",
            "tasks[1].priority",
            "tasks[1].x",
            "tasks[2]",
            "tasks[3].max_steps",
            "tasks[3].metadata.a[0]",
            "tasks[4].agent_config.api_key");
    assertThat(answer.response().body()).doesNotContain("hunter2");
    assertThat(rows()).isEqualTo(before);
  }

  static Stream<Arguments> badBatches() {
    return Stream.of(
        argumentSet("empty", "{\"tasks\":[]}", "tasks"),
        argumentSet("too many", body(Stream.generate(() -> "{}").limit(1001)), "tasks"),
        argumentSet("no tasks", "{}", "tasks"),
        argumentSet("null", "{\"tasks\":null}", "tasks"),
        argumentSet("an object", "{\"tasks\":{\"problem_id\":\"p\"}}", "tasks"),
        argumentSet("more", "{\"tasks\":[{\"problem_id\":\"p\"}],\"priority\":1}", "priority"),
        argumentSet("cut off", "{\"tasks\":[{\"problem_id\":\"p\"}", "tasks[0]"),
        argumentSet("duplicate", "{\"tasks\":[{},{\"a\":1,\"a\":2}]}", "tasks[1].a"),
        argumentSet(
            "deep",
            "{\"tasks\":[{\"metadata\":" + "{\"a\":".repeat(33) + "1" + "}".repeat(34) + "]}",
            "tasks[0].metadata" + ".a".repeat(32)),
        argumentSet(
            "one large task",
            "{\"tasks\":[{\"problem_id\":\"p\",\"metadata\":{\"x\":\"%s\"}}]}"
                .formatted("x".repeat(256 * 1024)),
            "tasks[0]"));
  }

  @ParameterizedTest
  @MethodSource("badBatches")
  void badBatchIsRefusedByName(String body, String field) {
    int before = rows();
    Answer answer = api.post("/api/v1/tasks/batch", body);
    assertProblem(answer, 400);
    assertThat(answer.fields()).containsExactly(field);
    assertThat(rows()).isEqualTo(before);
  }

  @Test
  void mistakesAreToldUpToABound() {
    Answer answer = batch(Stream.generate(() -> "{\"x\":1,\"y\":2,\"z\":3}").limit(1000));
    assertProblem(answer, 400);
    assertThat(answer.fields()).hasSize(1000);
  }

  @Test
  void bodyMayBeLargeButNotTooLarge() {
    String task =
        "{\"problem_id\":\"p\",\"metadata\":{\"x\":\"%s\"}}".formatted("x".repeat(200_000));
    assertThat(batch(Stream.generate(() -> task).limit(40)).status()).isEqualTo(201);
    assertProblem(batch(Stream.generate(() -> task).limit(43)), 413);
  }

  private static Answer batch(Stream<String> tasks) {
    return api.post("/api/v1/tasks/batch", body(tasks));
  }

  private static String body(Stream<String> tasks) {
    return tasks.collect(Collectors.joining(",", "{\"tasks\":[", "]}"));
  }

  private static int rows() {
    return api.sql().queryForList("SELECT id FROM tasks").size();
  }
}

package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.TaskResult;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskResultsIT {
  private static final TaskResult FULL =
      new TaskResult(
          "simulator",
          true,
          0.75,
          Map.of("solved", 1.0),
          Map.of("TTD", 2.5),
          Json.mapper()
              .readTree("{\"Detection Accuracy\":\"Correct\",\"n\":null,\"z\":\"\\u0000\"}"),
          Json.mapper().readTree("{\"cluster\":\"kind-1\"}"),
          "submitted",
          3,
          7);
  private static final TaskResult EMPTY =
      new TaskResult(null, null, null, Map.of(), Map.of(), null, null, null, 0, 0);

  private final Store store = new Store();
  private final UUID task = store.pending().id();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void comesBackAsReported() {
    record(FULL);
    assertThat(store.results.find(task)).contains(FULL);
  }

  @Test
  void missingValuesStayMissing() {
    record(EMPTY);
    assertThat(store.results.find(task)).contains(EMPTY);
    assertThat(store.results.find(UUID.randomUUID())).isEmpty();
  }

  @Test
  void firstOneStays() {
    record(FULL);
    record(EMPTY);
    assertThat(store.results.find(task)).contains(FULL);
  }

  @Test
  void zeroCharactersDoNotLoseAResult() {
    record(
        new TaskResult(
            "a\u0000", null, null, Map.of("b\u0000", 1.0), Map.of(), null, null, "c\u0000", 0, 0));
    assertThat(store.results.find(task))
        .contains(
            new TaskResult(
                "a\uFFFD",
                null,
                null,
                Map.of("b\uFFFD", 1.0),
                Map.of(),
                null,
                null,
                "c\uFFFD",
                0,
                0));
  }

  private void record(TaskResult result) {
    store.results.record(task, new UUID(0, 1), 12, Instant.parse("2026-11-23T10:00:00Z"), result);
  }
}

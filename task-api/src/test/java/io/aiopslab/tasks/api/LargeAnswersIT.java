package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Pages have at most so many rows, and at most about 4 MiB. */
class LargeAnswersIT {
  /** A page ends with the row that reaches 4 MiB. */
  private static final int LARGEST = 6 << 20;

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @Test
  void aTaskWithItsLogs() {
    String id = submitted("logs", 1);
    api.bean(TaskLogs.class)
        .append(
            LongStream.range(0, 12)
                .mapToObj(
                    seq ->
                        new LogLine(seq, Instant.EPOCH, LogLevel.INFO, "x".repeat(900_000), null))
                .map(line -> new TaskLogs.Entry(UUID.fromString(id), line))
                .toList());
    Answer answer = api.get("/api/v1/tasks/" + id + "?include_logs=true");
    assertThat(answer.response().body()).hasSizeLessThan(LARGEST);
    JsonNode task = answer.json();
    assertThat(task.get("logs").size()).isEqualTo(5);
    assertThat(task.get("logs_truncated").booleanValue()).isTrue();
  }

  @Test
  void oneLineThatIsLargerThanAllStillComes() {
    String id = submitted("line", 1);
    api.bean(TaskLogs.class)
        .append(
            List.of(
                new TaskLogs.Entry(
                    UUID.fromString(id),
                    new LogLine(0, Instant.EPOCH, LogLevel.INFO, "x".repeat(5 << 20), null))));
    JsonNode task = api.get("/api/v1/tasks/" + id + "?include_logs=true").json();
    assertThat(task.get("logs").size()).isEqualTo(1);
    assertThat(task.get("logs_truncated").booleanValue()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-created_at", "created_at", "priority", "-priority"})
  void aListOfTasks(String sort) {
    String backend = "list-" + sort.replace("-", "m").replace("_", "");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      ids.add(submitted(backend, 200_000));
    }
    for (String filter :
        List.of("backend_type=" + backend, "backend_type=" + backend + "&metadata.a=1")) {
      List<String> seen = new ArrayList<>();
      String cursor = "";
      while (cursor != null) {
        Answer answer = api.get("/api/v1/tasks?limit=100&sort=" + sort + "&" + filter + cursor);
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.response().body()).hasSizeLessThan(LARGEST);
        JsonNode page = answer.json();
        assertThat(page.get("total").intValue()).isEqualTo(40);
        page.get("tasks").forEach(task -> seen.add(task.get("id").stringValue()));
        JsonNode next = page.get("next_cursor");
        cursor =
            next.isNull()
                ? null
                : "&cursor=" + URLEncoder.encode(next.stringValue(), StandardCharsets.UTF_8);
      }
      assertThat(seen).containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  @Test
  void aListOfWorkers() {
    for (int i = 0; i < 9; i++) {
      String body =
          "{\"id\":\"large-%d\",\"backend_type\":\"large\",\"metadata\":{\"a\":\"%s\"}}"
              .formatted(i, "x".repeat(900_000));
      assertThat(api.post("/api/v1/workers/register", body).status()).isEqualTo(201);
    }
    List<String> seen = new ArrayList<>();
    String after = "";
    while (after != null) {
      Answer answer = api.get("/api/v1/workers?limit=1000&backend_type=large" + after);
      assertThat(answer.response().body()).hasSizeLessThan(LARGEST);
      JsonNode page = answer.json();
      assertThat(page.get("total").intValue()).isEqualTo(9);
      page.get("workers").forEach(worker -> seen.add(worker.get("id").stringValue()));
      after = page.get("next").isNull() ? null : "&after=" + page.get("next").stringValue();
    }
    assertThat(seen).hasSize(9).isSorted();
  }

  private static String submitted(String backend, int bytes) {
    return api.submit(
            "{\"problem_id\":\"p\",\"backend_type\":\"%s\",\"metadata\":{\"a\":1,\"b\":\"%s\"}}"
                .formatted(backend, "x".repeat(bytes)))
        .id();
  }
}

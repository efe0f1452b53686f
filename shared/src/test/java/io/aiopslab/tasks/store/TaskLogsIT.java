package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskLogs.Entry;
import io.aiopslab.tasks.store.TaskLogs.Page;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskLogsIT {
  private static final Instant AT = Instant.parse("2026-11-23T10:00:00.123456Z");
  private static final Page ALL = new Page(-1, null, LogLevel.DEBUG, 10_000);

  private final Store store = new Store();
  private final UUID task = store.pending().id();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void repeatsAndDisorderLeaveEveryLineOnce() {
    List<LogLine> lines = LongStream.range(0, 2_500).mapToObj(TaskLogsIT::line).toList();
    List<LogLine> mixed = new ArrayList<>(lines);
    mixed.addAll(lines.subList(100, 900));
    Collections.shuffle(mixed, new Random(1));
    append(mixed);
    append(lines.subList(0, 10));
    assertThat(store.logs.read(task, ALL)).isEqualTo(lines);
  }

  @Test
  void firstVersionOfALineStays() {
    append(List.of(new LogLine(0, AT, LogLevel.INFO, "first", null)));
    append(List.of(new LogLine(0, AT, LogLevel.ERROR, "second", null)));
    assertThat(store.logs.read(task, ALL)).extracting(LogLine::message).containsExactly("first");
  }

  @Test
  void pagesFollowEachOther() {
    append(LongStream.range(0, 25).mapToObj(TaskLogsIT::line).toList());
    List<Long> seen = new ArrayList<>();
    for (long after = -1; ; after = seen.get(seen.size() - 1)) {
      List<LogLine> page = store.logs.read(task, new Page(after, null, LogLevel.DEBUG, 10));
      if (page.isEmpty()) {
        break;
      }
      page.forEach(line -> seen.add(line.seq()));
    }
    assertThat(seen).isEqualTo(LongStream.range(0, 25).boxed().toList());
  }

  @Test
  void levelAndTimeNarrowThePage() {
    append(
        List.of(
            new LogLine(0, AT, LogLevel.ERROR, "early", null),
            new LogLine(1, AT.plusSeconds(1), LogLevel.INFO, "info", null),
            new LogLine(2, AT.plusSeconds(1), LogLevel.WARNING, "warning", null),
            new LogLine(3, AT.plusSeconds(2), LogLevel.ERROR, "error", null)));
    assertThat(store.logs.read(task, new Page(-1, AT.plusSeconds(1), LogLevel.WARNING, 10)))
        .extracting(LogLine::message)
        .containsExactly("warning", "error");
  }

  @Test
  void whateverAProgramPrintsIsStored() {
    append(
        List.of(
            new LogLine(
                0,
                AT,
                LogLevel.INFO,
                "zero \u0000, half \ud83d, whole 🚀",
                Json.mapper().createObjectNode().put("k", "\u0000"))));
    LogLine stored = store.logs.read(task, ALL).get(0);
    assertThat(stored.message()).startsWith("zero \uFFFD, half ").endsWith(", whole 🚀");
    assertThat(stored.context()).isNotNull();
  }

  @Test
  void linesOfNewTasksLieInThePartitionOfTheirMonth() {
    append(List.of(line(0)));
    for (int months : List.of(1, 0, 1, 0)) {
      store.logs.ensurePartition(months);
    }
    assertThat(store.count("task_logs_other")).isZero();
    assertThat(store.count("task_logs")).isEqualTo(1);
  }

  /** One such line kept every later partition from being made. */
  @Test
  void aLineThatCameBeforeItsPartitionIsMovedIntoIt() {
    UUID early =
        store
            .sql
            .sql("SELECT first_uuid_at(now() + interval '3 months')")
            .query(UUID.class)
            .single();
    UUID far =
        store
            .sql
            .sql("SELECT first_uuid_at(now() + interval '9 years')")
            .query(UUID.class)
            .single();
    LogLine line = line(7);
    store.logs.append(List.of(new Entry(early, line), new Entry(far, line)));
    assertThat(store.count("task_logs_other")).isEqualTo(2);
    String partition = store.logs.ensurePartition(3);
    assertThat(store.count(partition)).isEqualTo(1);
    assertThat(store.logs.read(early, ALL)).containsExactly(line);
    store.logs.append(List.of(new Entry(early, line(8))));
    assertThat(store.count(partition)).isEqualTo(2);
    assertThat(store.count("task_logs_other")).as("of another month").isEqualTo(1);
    assertThatThrownBy(() -> store.sql.sql("DELETE FROM task_logs").update())
        .hasMessageContaining("nothing is ever deleted");
  }

  private void append(List<LogLine> lines) {
    store.logs.append(lines.stream().map(line -> new Entry(task, line)).toList());
  }

  private static LogLine line(long seq) {
    return new LogLine(
        seq,
        AT,
        LogLevel.INFO,
        "line " + seq,
        Json.mapper().createObjectNode().put("seq", "n" + seq));
  }
}

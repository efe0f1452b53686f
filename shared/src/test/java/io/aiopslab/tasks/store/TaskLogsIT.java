package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

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
    store.logs.ensurePartitions();
    store.logs.ensurePartitions();
    assertThat(store.count("task_logs_other")).isZero();
    assertThat(store.count("task_logs")).isEqualTo(1);
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

package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.store.StoredRuns.Report;
import io.aiopslab.tasks.store.StoredRuns.Standing;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoredRunsIT {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  private final Store store = new Store();
  private final StoredRuns stored = new StoredRuns(store.sql);
  private final Task task = store.running();
  private final UUID session = Store.session(task);

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void isStoredOnceResultLinesAndStepsAreAllThere() {
    assertThat(standing(2)).isEqualTo(Standing.MISSING);
    end(3);
    assertThat(standing(2)).isEqualTo(Standing.MISSING);
    lines(0, 0);
    lines(2, 2);
    assertThat(standing(2)).as("a gap").isEqualTo(Standing.MISSING);
    lines(1, 1);
    assertThat(standing(2)).as("no steps").isEqualTo(Standing.MISSING);
    steps(2);
    assertThat(standing(2)).isEqualTo(Standing.STORED);
    assertThat(standing(0)).isEqualTo(Standing.STORED);
  }

  @Test
  void ofARunWhoseBeginningWasGivenUpOnlyTheEndCounts() {
    assertThat(standing(null)).isEqualTo(Standing.MISSING);
    end(3);
    assertThat(standing(null)).isEqualTo(Standing.STORED);
  }

  @Test
  void aReportThatLostIsStoredAsEvidence() {
    store.endings.finish(
        task.id(), session, TaskStatus.FAILED, FailureCode.TIMEOUT, "by the sweep");
    assertThat(standing(0)).isEqualTo(Standing.OVERRULED);
    store.evidence.keepStale(
        new RunEvent(RunEvent.VERSION, task.id(), session, "w", 9, NOW, new RunEventBody.Started()),
        "late");
    assertThat(standing(0)).isEqualTo(Standing.STORED);
  }

  @Test
  void anotherSessionsResultIsNotThisOnes() {
    end(0);
    UUID other = UUID.randomUUID();
    UUID unknown = UUID.randomUUID();
    assertThat(
            stored.standings(
                List.of(
                    new Report(task.id(), other, 9, 0),
                    new Report(task.id(), session, 9, 0),
                    new Report(UUID.randomUUID(), unknown, 9, 0))))
        .isEqualTo(
            Map.of(
                other, Standing.OVERRULED,
                session, Standing.STORED,
                unknown, Standing.OVERRULED));
  }

  @Test
  void manyLinesAreCountedByTheirKeyAlone() {
    int lines = Integer.getInteger("stored.lines", 50_000);
    end(lines);
    lines(0, lines - 1);
    store.sql.sql("ANALYZE task_logs").update();
    long began = System.nanoTime();
    assertThat(standing(0)).isEqualTo(Standing.STORED);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    System.out.printf("StoredRunsIT: %d lines in %d ms%n", lines, took.toMillis());
    assertThat(took).isLessThan(Duration.ofSeconds(2));

    String body =
        store
            .sql
            .sql("SELECT prosrc FROM pg_proc WHERE proname = 'standing_of_report'")
            .query(String.class)
            .single()
            .replace("of_task", "'" + task.id() + "'::uuid")
            .replace("of_session", "'" + session + "'::uuid")
            .replace("final_seq", "9")
            .replace("steps_told", "0");
    store.set("enable_seqscan = off");
    String plan = String.join("\n", store.sql.sql("EXPLAIN " + body).query(String.class).list());
    assertThat(plan).contains("_pkey").doesNotContain("Seq Scan");
  }

  private @Nullable Standing standing(@Nullable Integer steps) {
    return stored.standings(List.of(new Report(task.id(), session, 9, steps))).get(session);
  }

  private void end(long lines) {
    store.endings.finish(task.id(), session, TaskStatus.COMPLETED, null, null);
    store.results.record(
        task.id(),
        session,
        9,
        NOW,
        new TaskResult(null, null, null, Map.of(), Map.of(), null, null, null, 1, lines));
  }

  private void lines(long from, long to) {
    store
        .sql
        .sql(
            """
            INSERT INTO task_logs (task_id, seq, ts, level, message)
            SELECT ?, seq, now(), 'info', 'line' FROM generate_series(?::bigint, ?::bigint) AS seq
            """)
        .params(task.id(), from, to)
        .update();
  }

  private void steps(int count) {
    store
        .sql
        .sql(
            """
            INSERT INTO task_steps (task_id, index, turn, role, content, at)
            SELECT ?, i, 0, 'env', '', now() FROM generate_series(0, ? - 1) AS i
            """)
        .params(task.id(), count)
        .update();
  }
}

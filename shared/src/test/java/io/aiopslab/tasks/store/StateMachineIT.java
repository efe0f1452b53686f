package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.task.TaskStatus;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;

/** The database's own guard, which no code path gets around. */
class StateMachineIT {
  /** Gives the row every field that the new status asks for, so that only the move is judged. */
  private static final String MOVE =
      """
      UPDATE tasks SET status = :to,
        session_id = CASE WHEN :to = 'pending' THEN NULL ELSE coalesce(session_id, gen_random_uuid()) END,
        worker_id = CASE WHEN :to = 'pending' THEN NULL ELSE coalesce(worker_id, 'kind-1') END,
        started_at = CASE WHEN :to = 'pending' THEN NULL ELSE coalesce(started_at, now()) END,
        deadline_at = CASE WHEN :to = 'pending' THEN NULL ELSE coalesce(deadline_at, now()) END,
        completed_at = CASE WHEN :to IN ('pending', 'running') THEN NULL ELSE now() END,
        failure_code = CASE WHEN :to = 'failed' THEN 'internal' END,
        error_details = CASE WHEN :to = 'failed' THEN 'test' END,
        requeued = requeued + (status = 'running' AND :to = 'pending')::int,
        changed_by = 'test'
      WHERE id = :id
      """;

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @ParameterizedTest
  @EnumSource
  void databaseAndCodeAgreeOnEveryMove(TaskStatus from) {
    for (TaskStatus to : TaskStatus.values()) {
      if (to == from) {
        continue;
      }
      UUID id = taskThatIs(from);
      if (from.canBecome(to)) {
        unheard(id);
        move(id, to);
        assertThat(store.task(id).status()).isEqualTo(to);
        assertThat(store.task(id).updatedAt()).isAfterOrEqualTo(store.task(id).createdAt());
      } else {
        assertThatThrownBy(() -> move(id, to))
            .as("%s to %s", from, to)
            .isInstanceOf(DataAccessException.class)
            .hasMessageContaining(from.isTerminal() ? "final" : "cannot go from");
        assertThat(store.task(id).status()).isEqualTo(from);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COMPLETED", "FAILED", "CANCELLED"})
  void endedTasksDoNotChangeAtAll(TaskStatus status) {
    UUID id = taskThatIs(status);
    for (String change :
        List.of(
            "priority = 1",
            "published_at = now()",
            "error_details = 'other'",
            "status = status",
            "changed_by = 'other'")) {
      assertThatThrownBy(
              () ->
                  store.sql.sql("UPDATE tasks SET " + change + " WHERE id = ?").param(id).update())
          .as(change)
          .hasMessageContaining("final");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "PENDING", mode = EnumSource.Mode.EXCLUDE)
  void tasksBeginAsPending(TaskStatus status) {
    UUID id = taskThatIs(status);
    assertThatThrownBy(
            () ->
                store
                    .sql
                    .sql(
                        """
                        INSERT INTO tasks SELECT (jsonb_populate_record(t,
                          jsonb_build_object('id', gen_random_uuid()))).* FROM tasks t WHERE id = ?
                        """)
                    .param(id)
                    .update())
        .hasMessageContaining("must begin as pending");
  }

  @Test
  void everyMoveIsRecorded() {
    UUID id = taskThatIs(TaskStatus.FAILED);
    assertThat(
            store
                .sql
                .sql(
                    """
                    SELECT concat_ws(' ', coalesce(from_status, '-'), to_status, changed_by, reason)
                    FROM task_transitions WHERE task_id = ? AND at <= now() ORDER BY at
                    """)
                .param(id)
                .query(String.class)
                .list())
        .containsExactly("- pending api", "pending running test", "running failed test internal");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tasks",
        "task_transitions",
        "task_results",
        "task_progress",
        "task_steps",
        "task_logs",
        "workers",
        "stale_reports",
        "dead_letters",
        "dead_letter_requeues"
      })
  void nothingIsDeleted(String table) {
    store.completed();
    for (String deletion : List.of("DELETE FROM ", "TRUNCATE ")) {
      assertThatThrownBy(() -> store.sql.sql(deletion + table).update())
          .satisfiesAnyOf(
              e -> assertThat(e).hasMessageContaining("nothing is ever deleted from"),
              e -> assertThat(e).hasMessageContaining("referenced in a foreign key"));
    }
  }

  @Test
  void noTableEscapesTheGuardAgainstDeletion() {
    assertThat(
            store
                .sql
                .sql(
                    """
                    SELECT relname FROM pg_class c
                    WHERE relkind IN ('r', 'p') AND NOT relispartition
                      AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'databasechange%'
                      AND NOT EXISTS (SELECT 1 FROM pg_trigger
                                      WHERE tgrelid = c.oid AND tgname = relname || '_kept')
                    """)
                .query(String.class)
                .list())
        .as("but the list of ended tasks that are still to be moved to trajectory_feed")
        .containsExactly("trajectory_queue");
  }

  @Test
  void everyRoundIsRecorded() {
    UUID id = taskThatIs(TaskStatus.RUNNING);
    unheard(id);
    move(id, TaskStatus.PENDING);
    move(id, TaskStatus.RUNNING);
    assertThat(
            store
                .sql
                .sql(
                    """
                    SELECT concat_ws(' ', round, from_status, to_status, reason)
                    FROM task_transitions WHERE task_id = ?
                    ORDER BY round, array_position(ARRAY['pending', 'running'], to_status)
                    """)
                .param(id)
                .query(String.class)
                .list())
        .containsExactly(
            "0 pending",
            "0 pending running",
            "1 running pending nothing was heard of worker kind-1",
            "1 pending running");
  }

  @Test
  void noClaimThatWasHeardOfIsUndone() {
    UUID never = taskThatIs(TaskStatus.RUNNING);
    assertThatThrownBy(() -> move(never, TaskStatus.PENDING)).hasMessageContaining("heard of");
    UUID once = taskThatIs(TaskStatus.RUNNING);
    unheard(once);
    store.sql.sql("UPDATE remote_reports SET unheard_since = NULL").update();
    assertThatThrownBy(() -> move(once, TaskStatus.PENDING)).hasMessageContaining("heard of");
  }

  /** Of whoever has claimed it, if anybody has. */
  private void unheard(UUID id) {
    store
        .sql
        .sql(
            """
            INSERT INTO remote_reports
              (session_id, task_id, worker_id, log_lines, messages, turns, unheard_since)
            SELECT session_id, id, worker_id, 0, 0, 0, now() FROM tasks
            WHERE id = ? AND session_id IS NOT NULL
            """)
        .param(id)
        .update();
  }

  private UUID taskThatIs(TaskStatus status) {
    UUID id = store.pending().id();
    switch (status) {
      case PENDING -> {}
      case RUNNING, CANCELLED -> move(id, status);
      case COMPLETED, FAILED -> {
        move(id, TaskStatus.RUNNING);
        move(id, status);
      }
    }
    return id;
  }

  private void move(UUID id, TaskStatus to) {
    store.sql.sql(MOVE).param("id", id).param("to", to.wire()).update();
  }
}

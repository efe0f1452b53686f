package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.TraceParent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of {@code tasks} as a {@link Task}. */
final class TaskRow {
  static final String COLUMNS =
      """
      t.id, t.problem_id, t.backend_type, t.status, t.priority, t.max_steps, t.timeout_minutes, \
      t.cancel_requested_at, t.cancel_reason, \
      t.agent_config, t.metadata, t.callback_url, t.session_id, t.worker_id, t.failure_code, \
      t.error_details, t.created_at, t.published_at, t.started_at, t.deadline_at, t.completed_at, \
      t.updated_at, t.queue, t.retry_of, t.group_id, t.sample_index, t.traceparent""";

  private TaskRow() {}

  static Task read(ResultSet row, int rowNumber) throws SQLException {
    return new Task(
        Columns.uuid(row, "id"),
        spec(row),
        Columns.uuidOrNull(row, "retry_of"),
        sample(row),
        TaskStatus.fromWire(Columns.text(row, "status")),
        run(row),
        failure(row),
        cancel(row),
        Columns.instant(row, "created_at"),
        Columns.instantOrNull(row, "published_at"),
        Columns.instantOrNull(row, "completed_at"),
        Columns.instant(row, "updated_at"),
        TraceParent.parse(row.getString("traceparent")));
  }

  private static TaskSpec spec(ResultSet row) throws SQLException {
    String queue = Columns.text(row, "queue");
    return new TaskSpec(
        Columns.text(row, "problem_id"),
        Columns.text(row, "backend_type"),
        row.getInt("priority"),
        row.getInt("max_steps"),
        row.getInt("timeout_minutes"),
        Columns.object(row, "agent_config"),
        Columns.object(row, "metadata"),
        row.getString("callback_url"),
        queue.isEmpty() ? null : queue);
  }

  private static Task.@Nullable Sample sample(ResultSet row) throws SQLException {
    UUID group = Columns.uuidOrNull(row, "group_id");
    return group == null ? null : new Task.Sample(group, row.getInt("sample_index"));
  }

  private static Task.@Nullable Run run(ResultSet row) throws SQLException {
    UUID session = Columns.uuidOrNull(row, "session_id");
    return session == null
        ? null
        : new Task.Run(
            session,
            Columns.text(row, "worker_id"),
            Columns.instant(row, "started_at"),
            Columns.instant(row, "deadline_at"));
  }

  private static Task.@Nullable Failure failure(ResultSet row) throws SQLException {
    String code = row.getString("failure_code");
    return code == null
        ? null
        : new Task.Failure(FailureCode.fromWire(code), Columns.text(row, "error_details"));
  }

  private static Task.@Nullable Cancel cancel(ResultSet row) throws SQLException {
    Instant requestedAt = Columns.instantOrNull(row, "cancel_requested_at");
    return requestedAt == null
        ? null
        : new Task.Cancel(requestedAt, row.getString("cancel_reason"));
  }
}

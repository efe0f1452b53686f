package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.TaskProgress;
import io.aiopslab.tasks.task.TaskStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What has happened to many tasks at once, for those who follow them. */
@Repository
public class TaskNews {
  private static final String HEADS =
      """
      SELECT t.id, t.status, t.worker_id, t.failure_code, t.error_details, t.updated_at, t.max_steps,
             p.phase, p.steps, p.metrics, p.last_event_at,
             {whole} AS whole,
             coalesce((SELECT max(seq) FROM task_logs l WHERE l.task_id = t.id), -1) AS last_log,
             coalesce((SELECT max(index) FROM task_steps s WHERE s.task_id = t.id), -1) AS last_step
      FROM tasks t
      LEFT JOIN task_progress p ON p.task_id = t.id
      WHERE t.id = ANY(:ids)
      """;

  private static final String CHEAP_HEADS = HEADS.replace("{whole}", "false");
  private static final String SETTLED_HEADS =
      HEADS.replace("{whole}", "has_whole_trajectory(t.id)");

  private static final String LOGS =
      """
      SELECT w.task_id, w.after, l.*
      FROM unnest(:tasks, :afters) AS w(task_id, after)
      CROSS JOIN LATERAL (
        SELECT seq, ts, level, message, context,
               sum(octet_length(message)) OVER (ORDER BY seq) - octet_length(message) AS before
        FROM task_logs WHERE task_id = w.task_id AND seq > w.after
        ORDER BY seq LIMIT :limit) l
      WHERE l.before < :bytes ORDER BY w.task_id, w.after, l.seq
      """;

  private static final String STEPS =
      """
      SELECT w.task_id, w.after, s.*
      FROM unnest(:tasks, :afters) AS w(task_id, after)
      CROSS JOIN LATERAL (
        SELECT index, turn, role, content, model_ms, environment_ms, tokens, logprobs, model, at,
               sum(size) OVER (ORDER BY index) - size AS before
        FROM (
          SELECT *, octet_length(content) + coalesce(octet_length(tokens::text), 0)
                    + coalesce(octet_length(logprobs::text), 0) AS size
          FROM task_steps WHERE task_id = w.task_id AND index > w.after
          ORDER BY index LIMIT :limit) sized) s
      WHERE s.before < :bytes ORDER BY w.task_id, w.after, s.index
      """;

  private final JdbcClient jdbc;

  TaskNews(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Where a task stands.
   *
   * @param progress null before the run has said anything
   * @param lastLog seq of the last line stored; -1 if there is none
   * @param lastStep index of the last message stored; -1 if there is none
   * @param isWhole whether everything is stored that the run announced; only from {@link #settled}
   */
  public record Head(
      UUID taskId,
      TaskStatus status,
      @Nullable String workerId,
      @Nullable FailureCode failureCode,
      @Nullable String errorDetails,
      Instant updatedAt,
      int maxSteps,
      @Nullable TaskProgress progress,
      long lastLog,
      long lastStep,
      boolean isWhole) {}

  /** A place in a task's log or trajectory, after which to read. */
  public record Mark(UUID taskId, long after) {}

  public Map<UUID, Head> heads(Collection<UUID> ids) {
    return heads(CHEAP_HEADS, ids);
  }

  /** Likewise, of tasks that have ended: it counts all that is stored of each. */
  public Map<UUID, Head> settled(Collection<UUID> ids) {
    return heads(SETTLED_HEADS, ids);
  }

  private Map<UUID, Head> heads(String sql, Collection<UUID> ids) {
    Map<UUID, Head> heads = new HashMap<>();
    jdbc.sql(sql)
        .param("ids", ids.toArray(UUID[]::new))
        .query(
            row -> {
              Head head = head(row);
              heads.put(head.taskId(), head);
            });
    return heads;
  }

  /**
   * @param limit most lines of one mark
   * @param bytes roughly the most of one mark; its first line comes whatever its size
   */
  public Map<Mark, List<LogLine>> logs(Collection<Mark> marks, int limit, long bytes) {
    return after(LOGS, marks, limit, bytes, TaskLogs::line);
  }

  /**
   * @param limit most messages of one mark
   * @param bytes roughly the most of one mark; its first message comes whatever its size
   */
  public Map<Mark, List<Step>> steps(Collection<Mark> marks, int limit, long bytes) {
    return after(STEPS, marks, limit, bytes, TaskSteps::step);
  }

  private <T> Map<Mark, List<T>> after(
      String sql, Collection<Mark> marks, int limit, long bytes, RowMapper<T> mapper) {
    Map<Mark, List<T>> pages = new HashMap<>();
    jdbc.sql(sql)
        .param("tasks", marks.stream().map(Mark::taskId).toArray(UUID[]::new))
        .param("afters", marks.stream().map(Mark::after).toArray(Long[]::new))
        .param("limit", limit)
        .param("bytes", bytes)
        .query(
            row -> {
              Mark mark = new Mark(Columns.uuid(row, "task_id"), row.getLong("after"));
              pages.computeIfAbsent(mark, any -> new ArrayList<>()).add(mapper.mapRow(row, 0));
            });
    return pages;
  }

  private static Head head(ResultSet row) throws SQLException {
    String failure = row.getString("failure_code");
    return new Head(
        Columns.uuid(row, "id"),
        TaskStatus.fromWire(Columns.text(row, "status")),
        row.getString("worker_id"),
        failure == null ? null : FailureCode.fromWire(failure),
        row.getString("error_details"),
        Columns.instant(row, "updated_at"),
        row.getInt("max_steps"),
        progress(row),
        row.getLong("last_log"),
        row.getLong("last_step"),
        row.getBoolean("whole"));
  }

  private static @Nullable TaskProgress progress(ResultSet row) throws SQLException {
    String phase = row.getString("phase");
    return phase == null
        ? null
        : new TaskProgress(
            Phase.fromWire(phase),
            row.getInt("steps"),
            Columns.numbers(row, "metrics"),
            Columns.instant(row, "last_event_at"));
  }
}

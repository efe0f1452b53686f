package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Transition;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * running → completed, failed or cancelled: by the run's own report, or by the sweeps. These leave
 * a task whose cancel was requested to {@link TaskCancels}: it must not look like one to be
 * retried.
 */
@Repository
public class TaskEndings {
  private static final String FINISH =
      """
      UPDATE tasks
      SET status = :status, failure_code = :failureCode, error_details = :errorDetails,
          completed_at = now(), changed_by = 'collector'
      WHERE id = :id AND status = 'running' AND session_id = :sessionId
      """;

  /** So many tasks a sweep ends at most, within the time of one statement. */
  private static final int MOST = 1000;

  private static final String EXISTS = "SELECT count(*) FROM tasks WHERE id = :id";

  /**
   * What a sweep ends is locked in the order of ids, as by everybody who changes many tasks, and
   * what somebody else is just changing is left to the next sweep: none waits for another.
   */
  private static final String FAIL_OVERDUE =
      """
      WITH overdue AS MATERIALIZED (
        SELECT id FROM tasks
        WHERE status = 'running' AND deadline_at < now() - make_interval(secs => :grace)
          AND cancel_requested_at IS NULL
        ORDER BY id LIMIT :most
        FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE tasks t
      SET status = 'failed', failure_code = 'timeout', completed_at = now(),
          changed_by = 'collector:deadline-sweep',
          error_details = 'The run was not over ' || timeout_minutes || ' minutes after its start, '
            || 'and its worker ' || worker_id || ' did not report an end either. '
            || 'Raise timeout_minutes (at most 180) or look at what the worker is doing.'
      FROM overdue WHERE t.id = overdue.id
      RETURNING t.id
      """;

  private static final String FAIL_LOST =
      """
      WITH lost AS MATERIALIZED (
        SELECT t.id FROM tasks t JOIN workers w ON w.id = t.worker_id
        WHERE t.status = 'running' AND t.cancel_requested_at IS NULL
          AND (w.last_heartbeat_at < now() - make_interval(secs => :silence)
               OR (t.started_at < w.registered_at
                   AND w.registered_at < now() - make_interval(secs => :settle)))
        ORDER BY t.id LIMIT :most
        FOR NO KEY UPDATE OF t SKIP LOCKED)
      UPDATE tasks t
      SET status = 'failed', failure_code = 'worker_lost', completed_at = now(),
          changed_by = 'collector:lost-worker-sweep',
          error_details = CASE
            WHEN w.last_heartbeat_at < now() - make_interval(secs => :silence)
            THEN 'Worker ' || w.id || ' was last heard of at ' || to_char(w.last_heartbeat_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
              || '. Check its host, then submit the task again.'
            ELSE 'Worker ' || w.id || ' was restarted while it ran this task. Submit the task again.'
          END
      FROM lost, workers w
      WHERE t.id = lost.id AND w.id = t.worker_id
      RETURNING t.id
      """;

  private final JdbcClient jdbc;

  TaskEndings(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Ends a running task by the report of its session. A task that another session owns, or that has
   * ended already, stays as it is.
   *
   * @param failureCode and {@code errorDetails}: set exactly when {@code status} is failed
   */
  public Transition finish(
      UUID taskId,
      UUID sessionId,
      TaskStatus status,
      @Nullable FailureCode failureCode,
      @Nullable String errorDetails) {
    int changed =
        jdbc.sql(FINISH)
            .param("id", taskId)
            .param("sessionId", sessionId)
            .param("status", status.wire())
            .param("failureCode", failureCode == null ? null : failureCode.wire())
            .param("errorDetails", Columns.storableOrNull(errorDetails))
            .update();
    if (changed == 1) {
      return Transition.APPLIED;
    }
    long found = jdbc.sql(EXISTS).param("id", taskId).query(Long.class).single();
    return found == 0 ? Transition.UNKNOWN : Transition.STALE;
  }

  /**
   * Fails the tasks whose deadline passed longer than {@code grace} ago, 1,000 at most.
   *
   * @return their ids
   */
  public List<UUID> failOverdue(Duration grace) {
    return jdbc.sql(FAIL_OVERDUE)
        .param("grace", seconds(grace))
        .param("most", MOST)
        .query(UUID.class)
        .list();
  }

  /**
   * Fails the tasks whose worker is gone, or has come back without them, 1,000 at most.
   *
   * @param limit how old a heartbeat may be
   * @param settle how long a restarted worker has to report what its former life left
   * @return their ids
   */
  public List<UUID> failLost(Duration limit, Duration settle) {
    return jdbc.sql(FAIL_LOST)
        .param("silence", seconds(limit))
        .param("settle", seconds(settle))
        .param("most", MOST)
        .query(UUID.class)
        .list();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}

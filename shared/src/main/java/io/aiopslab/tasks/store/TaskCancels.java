package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Task;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** pending → cancelled; the wish that a running task shall end, and its end if nobody heard it. */
@Repository
public class TaskCancels {
  private static final String CANCEL_PENDING =
      """
      UPDATE tasks t
      SET status = 'cancelled', completed_at = now(), cancel_requested_at = now(),
          cancel_reason = :reason, changed_by = 'api'
      WHERE id = :id AND status = 'pending'
      RETURNING %s
      """
          .formatted(TaskRow.COLUMNS);

  private static final String REQUEST =
      """
      UPDATE tasks t SET cancel_requested_at = now(), cancel_reason = :reason
      WHERE id = :id AND status = 'running' AND cancel_requested_at IS NULL
      RETURNING %s
      """
          .formatted(TaskRow.COLUMNS);

  private static final String UNANSWERED =
      """
      SELECT id, session_id, worker_id FROM tasks
      WHERE status = 'running' AND cancel_requested_at < now() - make_interval(secs => :age)
      ORDER BY cancel_requested_at
      LIMIT :limit
      """;

  private static final String SESSIONS_OF =
      """
      SELECT session_id FROM tasks
      WHERE status = 'running' AND cancel_requested_at IS NOT NULL AND worker_id = ANY(:workers)
      """;

  private static final String END_UNANSWERED =
      """
      WITH unanswered AS MATERIALIZED (
        SELECT id FROM tasks
        WHERE status = 'running' AND cancel_requested_at < now() - make_interval(secs => :grace)
        ORDER BY id LIMIT 1000
        FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE tasks t
      SET status = 'cancelled', failure_code = 'cancelled_unconfirmed', completed_at = now(),
          changed_by = 'collector:cancel-sweep',
          error_details = 'A cancel was requested, and worker ' || worker_id || ' did not report the '
            || 'end of the run in time. Check on its host that nothing of the run is left.'
      FROM unanswered WHERE t.id = unanswered.id
      RETURNING t.id
      """;

  private final JdbcClient jdbc;

  TaskCancels(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A run that shall end, and the worker that has it. */
  public record Order(String workerId, UUID taskId, UUID sessionId) {}

  /**
   * Cancels a task that nobody has claimed. Of this and a claim at the same time, exactly one wins.
   *
   * @return the task; empty if it is not pending
   */
  public Optional<Task> cancelPending(UUID id, @Nullable String reason) {
    return change(CANCEL_PENDING, id, reason);
  }

  /**
   * Notes that a running task shall end. Only the first wish is kept.
   *
   * @return the task; empty if it does not run, or the wish is known already
   */
  public Optional<Task> request(UUID id, @Nullable String reason) {
    return change(REQUEST, id, reason);
  }

  private Optional<Task> change(String statement, UUID id, @Nullable String reason) {
    return jdbc.sql(statement)
        .param("id", id)
        .param("reason", Columns.storableOrNull(reason))
        .query(TaskRow::read)
        .optional();
  }

  /**
   * @param olderThan leaves alone the wishes that are being sent right now
   * @return the runs that shall end and have not, oldest wish first
   */
  public List<Order> unanswered(Duration olderThan, int limit) {
    return jdbc.sql(UNANSWERED)
        .param("age", seconds(olderThan))
        .param("limit", limit)
        .query(
            (row, n) ->
                new Order(
                    Columns.text(row, "worker_id"),
                    Columns.uuid(row, "id"),
                    Columns.uuid(row, "session_id")))
        .list();
  }

  /**
   * @return sessions of these workers that shall end and have not
   */
  public List<UUID> sessionsOf(Collection<String> workerIds) {
    return jdbc.sql(SESSIONS_OF)
        .param("workers", workerIds.toArray(String[]::new))
        .query(UUID.class)
        .list();
  }

  /**
   * Cancels the running tasks whose worker has not reported an end within {@code grace} after the
   * wish, 1,000 at most; what somebody else is just changing is left to the next time.
   *
   * @return their ids
   */
  public List<UUID> endUnanswered(Duration grace) {
    return jdbc.sql(END_UNANSWERED).param("grace", seconds(grace)).query(UUID.class).list();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Task;
import java.sql.ResultSet;
import java.sql.SQLException;
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

  /**
   * Through what waits and what runs, each by its own index: however many have ended, they are not
   * read. {@code OFFSET 0} keeps the planner from walking all tasks in the order of their ids.
   */
  static final String OPEN =
      """
      SELECT id FROM (
        (SELECT t.id FROM tasks t
         WHERE t.status = 'pending' AND t.cancel_requested_at IS NULL AND {where} OFFSET 0)
        UNION ALL
        (SELECT t.id FROM tasks t
         WHERE t.status = 'running' AND t.cancel_requested_at IS NULL AND {where} OFFSET 0)) open
      ORDER BY id LIMIT :limit
      """;

  private static final String THESE =
      """
      WITH meant AS MATERIALIZED (
        SELECT t.id FROM tasks t
        WHERE t.id = ANY(:ids) AND t.status IN ('pending', 'running')
          AND t.cancel_requested_at IS NULL
        ORDER BY t.id
        FOR NO KEY UPDATE)
      UPDATE tasks t
      SET status = CASE t.status WHEN 'pending' THEN 'cancelled' ELSE t.status END,
          completed_at = CASE t.status WHEN 'pending' THEN now() END,
          changed_by = CASE t.status WHEN 'pending' THEN :by ELSE t.changed_by END,
          cancel_requested_at = now(), cancel_reason = :reason
      FROM meant WHERE t.id = meant.id
      RETURNING t.id, t.session_id, t.worker_id
      """;

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
      UPDATE tasks
      SET status = 'cancelled', failure_code = 'cancelled_unconfirmed', completed_at = now(),
          changed_by = 'collector:cancel-sweep',
          error_details = 'A cancel was requested, and worker ' || worker_id || ' did not report the '
            || 'end of the run in time. Check on its host that nothing of the run is left.'
      WHERE status = 'running' AND cancel_requested_at < now() - make_interval(secs => :grace)
      RETURNING id
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

  /**
   * As {@link #cancelPending} and {@link #request} for many at once.
   *
   * @param pending how many are cancelled now
   * @param running those that are to end
   */
  public record Many(int pending, List<Order> running) {
    public int size() {
      return pending + running.size();
    }
  }

  /**
   * Those that match, have not ended, and whose end was not asked for before.
   *
   * @return ids in order of submission, at most {@code limit}
   */
  public List<UUID> open(TaskFilter filter, int limit) {
    Conditions conditions = Conditions.of(filter);
    return jdbc.sql(OPEN.replace("{where}", conditions.where()))
        .params(conditions.parameters())
        .param("limit", limit)
        .query(UUID.class)
        .list();
  }

  /**
   * Cancels those of {@code ids} that have not ended meanwhile; those whose end was asked for
   * before are not counted again.
   *
   * @param by who did it, as told by the transitions
   */
  public Many cancel(Collection<UUID> ids, String by, @Nullable String reason) {
    List<Optional<Order>> cancelled =
        jdbc.sql(THESE)
            .param("ids", ids.toArray(UUID[]::new))
            .param("by", by)
            .param("reason", Columns.storableOrNull(reason))
            .query((row, n) -> orderOrNone(row))
            .list();
    List<Order> running = cancelled.stream().flatMap(Optional::stream).toList();
    return new Many(cancelled.size() - running.size(), running);
  }

  private static Optional<Order> orderOrNone(ResultSet row) throws SQLException {
    UUID session = Columns.uuidOrNull(row, "session_id");
    return session == null
        ? Optional.empty()
        : Optional.of(new Order(Columns.text(row, "worker_id"), Columns.uuid(row, "id"), session));
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
   * wish.
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

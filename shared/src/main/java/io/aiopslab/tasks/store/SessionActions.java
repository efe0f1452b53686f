package io.aiopslab.tasks.store;

import io.aiopslab.tasks.message.StepAnswer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The actions of interactive sessions, and what came of each. */
@Repository
public class SessionActions {
  /** The one before is answered, so by induction there is no gap and nothing else in work. */
  private static final String TAKE =
      """
      INSERT INTO session_actions (task_id, index, action)
      SELECT t.id, :index, :action FROM tasks t
      WHERE t.id = :id AND t.status = 'running' AND t.cancel_requested_at IS NULL
        AND t.agent_config ->> 'agent' = 'external'
        AND EXISTS (SELECT FROM task_briefings b WHERE b.task_id = t.id)
        AND (:index = 0 OR EXISTS (
              SELECT FROM session_actions p
              WHERE p.task_id = t.id AND p.index = :index - 1 AND p.answered_at IS NOT NULL))
      ON CONFLICT DO NOTHING
      RETURNING (SELECT worker_id FROM tasks WHERE id = :id) AS worker_id,
                (SELECT session_id FROM tasks WHERE id = :id) AS session_id
      """;

  private static final String FIND =
      """
      SELECT index, action, taken_at, observation, environment_ms, done, answered_at
      FROM session_actions WHERE task_id = :id AND index = :index
      """;

  private static final String ANSWER =
      """
      UPDATE session_actions a
      SET observation = :observation, environment_ms = :environmentMs, answered_at = now()
      WHERE a.task_id = :id AND a.index = :index AND a.answered_at IS NULL
        AND EXISTS (SELECT FROM tasks t WHERE t.id = :id AND t.session_id = :sessionId)
      """;

  /**
   * The result may be stored before the last messages are: those are waited for, but not for ever.
   */
  private static final String END =
      """
      UPDATE session_actions a
      SET observation = coalesce(s.content, ''), environment_ms = s.environment_ms, done = true,
          answered_at = now()
      FROM tasks t
      LEFT JOIN task_steps s ON s.task_id = t.id AND s.index = 2 * :index + 1 AND s.role = 'env'
      WHERE a.task_id = :id AND a.index = :index AND a.answered_at IS NULL
        AND t.id = a.task_id AND t.status = 'completed'
        AND (s.task_id IS NOT NULL OR t.completed_at < now() - interval '5 seconds')
      """;

  private static final String SLICE =
      """
      SELECT * FROM (
        SELECT a.*, count(*) OVER () AS found, sum(size) OVER (ORDER BY index) AS total FROM (
          SELECT index, action, taken_at, observation, environment_ms, done, answered_at,
                 octet_length(action) + coalesce(octet_length(observation), 0) AS size
          FROM session_actions WHERE task_id = :taskId AND index > :after
          ORDER BY index LIMIT :limit + 1) a) sized
      WHERE total - size < :bytes ORDER BY index
      """;

  private final JdbcClient jdbc;

  SessionActions(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** An action, and the run that shall do it. */
  public record Order(String workerId, UUID taskId, UUID sessionId, int index, String action) {}

  /**
   * @param observation null until it is answered, as {@code answeredAt}
   * @param done whether it ended the run
   */
  public record Taken(
      int index,
      String action,
      Instant takenAt,
      @Nullable String observation,
      @Nullable Double environmentMs,
      boolean done,
      @Nullable Instant answeredAt) {}

  /**
   * Writes an action down, if it is the next one of an open session and none is without an answer.
   *
   * @return what to tell the worker; empty if it is not to be done, or was taken before
   */
  public Optional<Order> take(UUID id, int index, String action) {
    return jdbc.sql(TAKE)
        .param("id", id)
        .param("index", index)
        .param("action", action)
        .query(
            (row, n) ->
                new Order(
                    Columns.text(row, "worker_id"),
                    id,
                    Columns.uuid(row, "session_id"),
                    index,
                    action))
        .optional();
  }

  public Optional<Taken> find(UUID id, int index) {
    return jdbc.sql(FIND)
        .param("id", id)
        .param("index", index)
        .query(SessionActions::taken)
        .optional();
  }

  /**
   * Keeps the first answer.
   *
   * @return whether this was it
   */
  public boolean answer(StepAnswer answer) {
    return jdbc.sql(ANSWER)
            .param("id", answer.taskId())
            .param("sessionId", answer.sessionId())
            .param("index", answer.index())
            .param("observation", Columns.storable(answer.observation()))
            .param("environmentMs", answer.environmentMs())
            .update()
        > 0;
  }

  /** Answers the action that ended a completed run, from what the run has left behind. */
  public void end(UUID id, int index) {
    jdbc.sql(END).param("id", id).param("index", index).update();
  }

  /**
   * @param after index after which to begin; -1 for the beginning
   * @param bytes roughly the most to return; the first action comes whatever its size
   * @return actions in order of index
   */
  public Slice<Taken> slice(UUID taskId, int after, int limit, long bytes) {
    return Slice.read(
        jdbc.sql(SLICE)
            .param("taskId", taskId)
            .param("after", after)
            .param("limit", limit)
            .param("bytes", bytes),
        limit,
        SessionActions::taken);
  }

  private static Taken taken(ResultSet row, int n) throws SQLException {
    return new Taken(
        row.getInt("index"),
        Columns.text(row, "action"),
        Columns.instant(row, "taken_at"),
        row.getString("observation"),
        row.getObject("environment_ms", Double.class),
        row.getBoolean("done"),
        Columns.instantOrNull(row, "answered_at"));
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Task;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** pending → running. */
@Repository
public class TaskClaims {
  private static final String STATEMENT =
      """
      WITH me AS (
        SELECT paused_at IS NOT NULL OR draining_at IS NOT NULL AS held,
               CASE WHEN %s THEN ARRAY(
                 SELECT jsonb_array_elements_text(w.capabilities -> 'supported_problems')) END
                 AS problems
        FROM workers w WHERE id = :workerId FOR SHARE),
      playable AS (
        SELECT problems IS NULL OR EXISTS (
          SELECT FROM unnest(problems) AS named (problem) CROSS JOIN LATERAL (
            SELECT FROM tasks p WHERE p.status = 'pending'
              AND p.backend_type || ' ' || p.problem_id = :backendType || ' ' || named.problem
            LIMIT 1) one) AS waits
        FROM me),
      ours AS (
        SELECT paused_at IS NOT NULL AS held
        FROM backends WHERE backend_type = :backendType FOR SHARE),
      next AS (
        SELECT id FROM tasks
        WHERE status = 'pending' AND backend_type = :backendType
          AND NOT coalesce((SELECT held FROM me), false)
          AND (:steppable OR (agent_config ->> 'agent') IS DISTINCT FROM 'external')
          AND NOT coalesce((SELECT held FROM ours), false)
          AND coalesce((SELECT waits FROM playable), true)
          AND ((SELECT problems FROM me) IS NULL
               OR problem_id = ANY(CAST((SELECT problems FROM me) AS text[])))
        ORDER BY %s
        LIMIT 1
        FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE tasks t
      SET status = 'running', session_id = :sessionId, worker_id = :workerId, started_at = now(),
          deadline_at = now() + make_interval(mins => timeout_minutes),
          changed_by = 'worker:' || :workerId
      FROM next
      WHERE t.id = next.id
      RETURNING %s
      """;

  static final String CLAIM =
      STATEMENT.formatted(NamedProblems.ARE_THERE, Turns.ORDER, TaskRow.COLUMNS);

  private static final String CLAIMED_BY =
      "SELECT "
          + TaskRow.COLUMNS
          + " FROM tasks t WHERE status = 'running' AND session_id = :sessionId";

  private static final String STILL_RUNNING =
      "SELECT session_id FROM tasks WHERE status = 'running' AND session_id = ANY(:sessions)";

  private final JdbcClient jdbc;

  TaskClaims(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Takes the most urgent pending task of a backend: highest priority, then the queues in turn,
   * then the one that the database has met first. Ids, made by the clocks of the API's hosts, order
   * what one statement has submitted.
   *
   * <p>A worker that names the problems that it can play wins no other. If none of them waits, the
   * tasks of the others are not walked past.
   *
   * <p>A worker that is paused or draining wins nothing, nor does anybody of a backend that is
   * paused. The locks on those rows put each claim before or after such a word, never beside it.
   *
   * <p>Tasks that somebody else is claiming or cancelling are passed over.
   *
   * <p>When this throws, the claim may have been committed all the same: ask {@link #claimedBy}
   * with the same session before claiming again.
   *
   * @param sessionId a new one, made by the caller
   * @return the task, running in that session; empty if nothing waits for it
   */
  public Optional<Task> claim(String workerId, String backendType, UUID sessionId) {
    return claim(workerId, backendType, sessionId, true);
  }

  /**
   * @param steppable false for a worker whose runs hear nothing while they run: it passes
   *     interactive sessions over
   */
  public Optional<Task> claim(
      String workerId, String backendType, UUID sessionId, boolean steppable) {
    return jdbc.sql(CLAIM)
        .param("backendType", backendType)
        .param("sessionId", sessionId)
        .param("workerId", workerId)
        .param("steppable", steppable)
        .query(TaskRow::read)
        .optional();
  }

  /** The running task of a session, if its claim was committed. */
  public Optional<Task> claimedBy(UUID sessionId) {
    return jdbc.sql(CLAIMED_BY).param("sessionId", sessionId).query(TaskRow::read).optional();
  }

  /**
   * @return those of the sessions that still own the task that they claimed
   */
  public Set<UUID> stillRunning(Collection<UUID> sessions) {
    return jdbc.sql(STILL_RUNNING)
        .param("sessions", sessions.toArray(UUID[]::new))
        .query(UUID.class)
        .set();
  }
}

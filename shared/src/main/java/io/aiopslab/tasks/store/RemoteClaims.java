package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Task;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Claims of workers that speak HTTP: the same statement as everybody's, under a lock on the
 * worker's row, because two calls of one worker at once must not both see room for one more.
 */
@Repository
public class RemoteClaims {
  private static final String PARALLEL =
      """
      CASE WHEN w.capabilities ->> 'max_parallel_tasks' ~ '^[1-9][0-9]{0,5}$'
           THEN (w.capabilities ->> 'max_parallel_tasks')::int ELSE 1 END
      """;

  private static final String RUNNING =
      "(SELECT count(*) FROM tasks r WHERE r.status = 'running' AND r.worker_id = w.id)";

  private static final String LOCK =
      """
      SELECT backend_type, last_heartbeat_at < now() - interval '1 second' AS quiet FROM workers w
      WHERE id = :id AND (CAST(:incarnation AS uuid) IS NULL OR incarnation = :incarnation)
      FOR NO KEY UPDATE
      """;

  private static final String HEAR = "UPDATE workers SET last_heartbeat_at = now() WHERE id = :id";

  private static final String HAS_ROOM =
      "SELECT %s < %s FROM workers w WHERE id = :id".formatted(RUNNING, PARALLEL);

  /**
   * By what they can play: the first in line is of no use to a task that only the second can play.
   */
  private static final String COULD_WIN =
      """
      WITH able AS (
        SELECT w.id, w.backend_type, %s AS problems
        FROM workers w
        WHERE w.id = ANY(:ids) AND w.paused_at IS NULL AND w.draining_at IS NULL AND %s < %s),
      ready AS (
        SELECT id, backend_type, problems,
               row_number() OVER (PARTITION BY backend_type, problems
                                  ORDER BY array_position(:ids, id)) AS place
        FROM able),
      pending AS (
        SELECT f.backend_type, f.problems, CASE
          WHEN f.problems IS NULL THEN (
            SELECT count(*) FROM (
              SELECT FROM tasks t WHERE t.status = 'pending' AND t.backend_type = f.backend_type
                AND (t.agent_config ->> 'agent') IS DISTINCT FROM 'external'
              LIMIT :most) bounded)
          ELSE (
            SELECT count(*) FROM (
              SELECT FROM jsonb_array_elements_text(f.problems) AS named (problem)
                CROSS JOIN LATERAL (
                  SELECT FROM tasks t WHERE t.status = 'pending'
                    AND t.backend_type || ' ' || t.problem_id
                      = f.backend_type || ' ' || named.problem
                    AND (t.agent_config ->> 'agent') IS DISTINCT FROM 'external'
                  LIMIT :most) one
              LIMIT :most) bounded) END AS n
        FROM (SELECT DISTINCT backend_type, problems FROM ready) f)
      SELECT ready.id FROM ready JOIN pending
        ON pending.backend_type = ready.backend_type
          AND pending.problems IS NOT DISTINCT FROM ready.problems
      WHERE ready.place <= pending.n
      """
          .formatted(NamedProblems.LIST, RUNNING, PARALLEL);

  private final JdbcClient jdbc;
  private final TaskClaims claims;
  private final UnheardClaims unheard;
  private final TransactionOperations transactions;

  RemoteClaims(
      JdbcClient jdbc,
      TaskClaims claims,
      UnheardClaims unheard,
      TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.claims = claims;
    this.unheard = unheard;
    this.transactions = transactions;
  }

  /**
   * What became of a claim.
   *
   * @param isHolder false if another incarnation has the name, or nobody
   * @param task null if it won none
   */
  public record Outcome(boolean isHolder, @Nullable Task task) {}

  /**
   * @param quiet whether the worker has not been heard of for a second; then its claim is noted as
   *     a sign of life
   */
  private record Holder(String backendType, boolean quiet) {}

  /**
   * Takes the most urgent pending task of the worker's backend, unless the worker is paused,
   * draining or full; never an interactive session, which a worker over HTTP could not be told to
   * step. With the session of an earlier claim that still runs it gives that task.
   *
   * @param incarnation null for whoever has the name
   */
  public Outcome claim(String workerId, @Nullable UUID incarnation, UUID sessionId) {
    return Objects.requireNonNull(
        transactions.execute(tx -> claimAlone(workerId, incarnation, sessionId)));
  }

  private Outcome claimAlone(String workerId, @Nullable UUID incarnation, UUID sessionId) {
    Optional<Holder> holder =
        jdbc.sql(LOCK)
            .param("id", workerId)
            .param("incarnation", incarnation)
            .query((row, n) -> new Holder(row.getString("backend_type"), row.getBoolean("quiet")))
            .optional();
    if (holder.isEmpty()) {
      return new Outcome(false, null);
    }
    if (holder.get().quiet()) {
      jdbc.sql(HEAR).param("id", workerId).update();
    }
    unheard.answeredAgain(sessionId);
    Task earlier = claims.claimedBy(sessionId).orElse(null);
    if (earlier != null) {
      return new Outcome(true, isOf(workerId, earlier) ? earlier : null);
    }
    // Only after the lock is there a snapshot in which the claims before this one can be seen.
    boolean room = jdbc.sql(HAS_ROOM).param("id", workerId).query(Boolean.class).single();
    Optional<Task> won =
        room
            ? claims.claim(workerId, holder.get().backendType(), sessionId, false)
            : Optional.empty();
    won.ifPresent(task -> unheard.answered(sessionId, task.id(), workerId));
    return new Outcome(true, won.orElse(null));
  }

  private static boolean isOf(String workerId, Task task) {
    Task.Run run = task.run();
    return run != null && run.workerId().equals(workerId);
  }

  /**
   * One look for all that wait.
   *
   * @param workerIds in the order in which they wait
   * @return those for whom a claim is worth a try: of those of a backend that can play the same, no
   *     more than it has pending tasks that they can play
   */
  public List<String> couldWin(Collection<String> workerIds) {
    return jdbc.sql(COULD_WIN)
        .param("ids", workerIds.toArray(String[]::new))
        .param("most", workerIds.size())
        .query(String.class)
        .list();
  }
}

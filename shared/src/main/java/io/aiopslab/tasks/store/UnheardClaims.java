package io.aiopslab.tasks.store;

import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.task.TraceParent;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionOperations;

/**
 * running → pending: claims of workers that speak HTTP of which nothing has been heard since they
 * were answered. The answer may not have arrived, or its worker may have died with it; the task is
 * the next one's. Once something was heard of a claim, its task never goes back.
 */
@Repository
public class UnheardClaims {
  /** A task that nobody survives must come to an end: then it is its worker that is lost. */
  private static final int MOST_ROUNDS = 3;

  private static final int MOST_AT_ONCE = 500;

  private static final String ANSWERED =
      """
      INSERT INTO remote_reports AS r
        (session_id, task_id, worker_id, log_lines, messages, turns, unheard_since)
      VALUES (:session, :task, :worker, 0, 0, 0, now())
      ON CONFLICT (session_id) DO UPDATE
      SET task_id = EXCLUDED.task_id, worker_id = EXCLUDED.worker_id, unheard_since = now()
      """;

  private static final String ANSWERED_AGAIN =
      """
      UPDATE remote_reports SET unheard_since = now()
      WHERE session_id = :session AND unheard_since IS NOT NULL
      """;

  private static final String HEAR =
      """
      UPDATE remote_reports SET unheard_since = NULL
      WHERE session_id = :session AND unheard_since IS NOT NULL
      """;

  private static final String DUE =
      """
      SELECT session_id FROM remote_reports
      WHERE unheard_since < now() - make_interval(secs => :after)
      LIMIT :limit
      FOR UPDATE SKIP LOCKED
      """;

  /** What an API of an older version has heard is in its counts, and in the row of the worker. */
  private static final String REQUEUE =
      """
      WITH due AS MATERIALIZED (
        SELECT t.id, t.worker_id
        FROM remote_reports r JOIN tasks t ON t.id = r.task_id AND t.session_id = r.session_id
        WHERE r.session_id = ANY(:sessions) AND t.status = 'running'
          AND t.cancel_requested_at IS NULL AND t.requeued < :rounds
          AND r.log_lines = 0 AND r.messages = 0
          AND NOT EXISTS (SELECT FROM workers w
                          WHERE w.id = t.worker_id AND w.current_task_id = t.id)
        ORDER BY t.id
        FOR NO KEY UPDATE OF t)
      UPDATE tasks t
      SET status = 'pending', session_id = NULL, worker_id = NULL, started_at = NULL,
          deadline_at = NULL, requeued = t.requeued + 1,
          changed_by = 'api:unheard-claims'
      FROM due WHERE t.id = due.id
      RETURNING t.id, t.backend_type, t.traceparent, due.worker_id
      """;

  private static final String SETTLE =
      "UPDATE remote_reports SET unheard_since = NULL WHERE session_id = ANY(:sessions)";

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  UnheardClaims(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /**
   * A task that waits again.
   *
   * @param workerId who had claimed it
   */
  public record Requeued(Ticket ticket, String workerId) {}

  /** In the transaction of the claim: its answer is on its way. */
  void answered(UUID session, UUID task, String worker) {
    jdbc.sql(ANSWERED)
        .param("session", session)
        .param("task", task)
        .param("worker", worker)
        .update();
  }

  /** Before an earlier claim is looked for: from now on it is waited for once more. */
  void answeredAgain(UUID session) {
    jdbc.sql(ANSWERED_AGAIN).param("session", session).update();
  }

  /**
   * Something was heard of the claim.
   *
   * @return false if that was known already, or is too late: look at the task again
   */
  public boolean hear(UUID session) {
    return jdbc.sql(HEAR).param("session", session).update() > 0;
  }

  /**
   * Gives the tasks back of which nothing was heard for so long. Their wishes to end, and those
   * that have gone back three times already, are left to the collector's sweeps.
   *
   * @param after since the answer to the claim
   * @return what waits again; more may be left
   */
  public List<Requeued> requeue(Duration after) {
    return Objects.requireNonNull(transactions.execute(tx -> requeueLocked(after)));
  }

  private List<Requeued> requeueLocked(Duration after) {
    UUID[] sessions =
        jdbc.sql(DUE)
            .param("after", after.toMillis() / 1000.0)
            .param("limit", MOST_AT_ONCE)
            .query(UUID.class)
            .list()
            .toArray(UUID[]::new);
    if (sessions.length == 0) {
      return List.of();
    }
    List<Requeued> requeued =
        jdbc.sql(REQUEUE)
            .param("sessions", sessions)
            .param("rounds", MOST_ROUNDS)
            .query(
                (row, n) ->
                    new Requeued(
                        Ticket.of(
                            Columns.uuid(row, "id"),
                            Columns.text(row, "backend_type"),
                            TraceParent.parse(row.getString("traceparent"))),
                        Columns.text(row, "worker_id")))
            .list();
    jdbc.sql(SETTLE).param("sessions", sessions).update();
    return requeued;
  }
}

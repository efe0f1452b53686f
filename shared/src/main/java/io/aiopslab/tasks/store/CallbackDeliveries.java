package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The callbacks that are owed: claimed, sent, recorded. Rows are made by a trigger. */
@Repository
public class CallbackDeliveries {
  private static final String DUE =
      """
      SELECT d.task_id FROM callback_deliveries d
      WHERE d.state = 'pending' AND d.next_attempt_at <= now()
      ORDER BY d.next_attempt_at LIMIT 1
      """;

  /**
   * From host to host by their index, so that what is due for the hosts left alone is never read. A
   * few of each, as others may be claiming the first. Pairs are compared, and what is due is
   * pending anyway: so the index on next_attempt_at alone, which leads through all of them, cannot
   * serve.
   */
  static final String DUE_ELSEWHERE =
      """
      WITH RECURSIVE hosts AS (
        (SELECT host FROM callback_deliveries WHERE state = 'pending' ORDER BY host LIMIT 1)
        UNION ALL
        SELECT (SELECT d.host FROM callback_deliveries d
                WHERE d.state = 'pending' AND d.host > h.host ORDER BY d.host LIMIT 1)
        FROM hosts h WHERE h.host IS NOT NULL),
      first AS MATERIALIZED (
        SELECT d.task_id FROM hosts h CROSS JOIN LATERAL (
          SELECT task_id FROM callback_deliveries
          WHERE state = 'pending' AND (host, next_attempt_at) >= (h.host, '-infinity')
            AND (host, next_attempt_at) <= (h.host, now())
          ORDER BY host, next_attempt_at LIMIT 8) d
        WHERE h.host <> ALL(:exceptHosts))
      SELECT d.task_id FROM callback_deliveries d
      WHERE d.task_id = ANY(ARRAY(SELECT task_id FROM first))
        AND d.next_attempt_at <= now()
      ORDER BY d.next_attempt_at LIMIT 1
      """;

  private static final String CLAIM =
      """
      WITH due AS ({due} FOR NO KEY UPDATE OF d SKIP LOCKED)
      UPDATE callback_deliveries d
      SET claim = :claim, next_attempt_at = now() + make_interval(secs => :lease)
      FROM due
      WHERE d.task_id = due.task_id
      RETURNING %s
      """
          .formatted(CallbackRow.DELIVERY);

  private static final String CLAIM_ANY = CLAIM.replace("{due}", DUE);
  private static final String CLAIM_ELSEWHERE = CLAIM.replace("{due}", DUE_ELSEWHERE);

  private static final String GIVE_BACK =
      """
      UPDATE callback_deliveries SET claim = NULL, next_attempt_at = now()
      WHERE task_id = :taskId AND claim = :claim
      """;

  private static final String RECORD =
      """
      WITH counted AS (
        UPDATE callback_deliveries
        SET attempts = attempts + 1,
            state = CASE WHEN claim = :claim THEN :state ELSE state END,
            failures = CASE WHEN claim = :claim AND :failed THEN failures + 1 ELSE failures END,
            next_attempt_at = CASE WHEN claim = :claim
              THEN now() + make_interval(secs => CAST(:nextIn AS double precision))
              ELSE next_attempt_at END,
            claim = nullif(claim, :claim)
        WHERE task_id = :taskId
        RETURNING attempts)
      INSERT INTO callback_attempts (task_id, number, at, duration_ms, status, error_kind, error)
      SELECT :taskId, attempts, now() - make_interval(secs => :took), :tookMillis, :status,
             :errorKind, :error
      FROM counted
      """;

  private static final String FIND =
      """
      SELECT %s, %s
      FROM callback_deliveries d
      LEFT JOIN callback_attempts a ON a.task_id = d.task_id AND a.number = d.attempts
      WHERE d.task_id = :taskId
      """
          .formatted(CallbackRow.DELIVERY, CallbackRow.ATTEMPT);

  private static final String REDELIVER =
      """
      UPDATE callback_deliveries
      SET state = 'pending', next_attempt_at = now(), claim = NULL, failures = 0
      WHERE task_id = :taskId
      """;

  private static final String PENDING =
      "SELECT count(*) FROM callback_deliveries WHERE state = 'pending'";

  private final JdbcClient jdbc;

  CallbackDeliveries(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What became of one attempt.
   *
   * @param status of the HTTP answer; null if none came
   * @param errorKind and {@code error}: null exactly when the callback was delivered
   * @param state the delivery's state from now on
   * @param nextIn time until the next attempt; null unless {@code state} is pending
   */
  public record Attempted(
      Duration took,
      @Nullable Integer status,
      @Nullable CallbackError errorKind,
      @Nullable String error,
      CallbackState state,
      @Nullable Duration nextIn) {}

  /**
   * Takes the delivery that has been due for longest.
   *
   * @param claim a new one, made by the caller
   * @param lease after which another may take it, if nothing has been recorded by then
   * @param exceptHosts hosts to leave alone
   */
  public Optional<CallbackDelivery> claim(
      UUID claim, Duration lease, Collection<String> exceptHosts) {
    JdbcClient.StatementSpec statement =
        exceptHosts.isEmpty()
            ? jdbc.sql(CLAIM_ANY)
            : jdbc.sql(CLAIM_ELSEWHERE).param("exceptHosts", exceptHosts.toArray(String[]::new));
    return statement
        .param("claim", claim)
        .param("lease", seconds(lease))
        .query(CallbackRow::claimed)
        .optional();
  }

  /** Makes a claimed delivery due again, as if it had never been claimed. */
  public void giveBack(UUID taskId, UUID claim) {
    jdbc.sql(GIVE_BACK).param("taskId", taskId).param("claim", claim).update();
  }

  /**
   * Keeps an attempt. Moves the delivery on only if {@code claim} still holds it; one that was
   * taken over, or is to be delivered again, belongs to somebody else.
   */
  public void record(UUID taskId, UUID claim, Attempted attempt) {
    CallbackError kind = attempt.errorKind();
    Duration nextIn = attempt.nextIn();
    jdbc.sql(RECORD)
        .param("taskId", taskId)
        .param("claim", claim)
        .param("state", attempt.state().wire())
        .param("failed", kind != null)
        .param("nextIn", nextIn == null ? null : seconds(nextIn))
        .param("took", seconds(attempt.took()))
        .param("tookMillis", attempt.took().toMillis())
        .param("status", attempt.status())
        .param("errorKind", kind == null ? null : kind.wire())
        .param("error", Columns.storableOrNull(attempt.error()))
        .update();
  }

  /**
   * @return empty if the task has no callback or has not ended
   */
  public Optional<CallbackDelivery> find(UUID taskId) {
    return jdbc.sql(FIND).param("taskId", taskId).query(CallbackRow::withLastAttempt).optional();
  }

  /**
   * Makes a delivery due now, whatever became of it, with its whole retry schedule before it.
   *
   * @return whether there is one: not if the task has no callback or has not ended
   */
  public boolean redeliver(UUID taskId) {
    return jdbc.sql(REDELIVER).param("taskId", taskId).update() == 1;
  }

  /** Counts them all: not to be asked often. */
  public long pending() {
    return jdbc.sql(PENDING).query(Long.class).single();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}

package io.aiopslab.tasks.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Dead letters that operators have sent again: asked for, taken by a relay, sent. */
@Repository
public class DeadLetterRequeues {
  private static final String ASK =
      """
      INSERT INTO dead_letter_requeues (fingerprint, number, seen, asked_by)
      SELECT d.fingerprint, coalesce(r.number, 0) + 1, d.seen, :by
      FROM dead_letters d %s
      WHERE %s AND %%s
      ORDER BY d.first_at, d.fingerprint LIMIT :limit
      ON CONFLICT DO NOTHING
      """
          .formatted(DeadLetters.LAST_REQUEUE, DeadLetters.FIT);

  private static final String ASK_FOR_ONE =
      ASK.formatted(
          """
          d.fingerprint = :id AND (r.number IS NULL OR r.sent_at IS NOT NULL AND (d.seen > r.seen OR :again))
          """);

  private static final String ASK_FOR_ALL =
      ASK.formatted(
          "(r.number IS NULL OR r.sent_at IS NOT NULL AND d.seen > r.seen) AND "
              + DeadLetters.CHOSEN);

  private static final String TAKE =
      """
      WITH due AS (
        SELECT fingerprint, number FROM dead_letter_requeues
        WHERE sent_at IS NULL
          AND (tried_at IS NULL OR tried_at < now() - make_interval(secs => :lease))
        ORDER BY asked_at LIMIT 1
        FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE dead_letter_requeues r SET tried_at = now()
      FROM due JOIN dead_letters d USING (fingerprint)
      WHERE r.fingerprint = due.fingerprint AND r.number = due.number
      RETURNING r.fingerprint, r.number, d.routing_key, d.message_id, d.body
      """;

  private static final String MARK_SENT =
      """
      UPDATE dead_letter_requeues SET sent_at = now()
      WHERE fingerprint = :fingerprint AND number = :number AND sent_at IS NULL
      """;

  private final JdbcClient jdbc;

  DeadLetterRequeues(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A letter as it came, and which of its requeues this is. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Order(
      byte[] fingerprint, int number, String routingKey, @Nullable String messageId, byte[] body) {}

  /**
   * Asks for a letter to be sent again, unless that is asked for already, or was done and the
   * letter has not come back.
   *
   * @param by who asks
   * @param again asks also if it has not come back
   * @return whether it is asked for now and was not before
   */
  public boolean ask(String id, @Nullable String by, boolean again) {
    return jdbc.sql(ASK_FOR_ONE)
            .param("id", DeadLetters.bytes(id))
            .param("by", Columns.storableOrNull(by))
            .param("again", again)
            .param("limit", 1)
            .update()
        > 0;
  }

  /**
   * Asks for all letters of a filter that are kept or have returned, oldest first.
   *
   * @return for how many
   */
  public int ask(DeadLetters.Filter filter, @Nullable String by, int limit) {
    return filter
        .in(jdbc.sql(ASK_FOR_ALL))
        .param("by", Columns.storableOrNull(by))
        .param("limit", limit)
        .update();
  }

  /**
   * Takes the letter that has waited longest.
   *
   * @param lease after which another relay may take it, if it is not marked by then
   */
  public Optional<Order> take(Duration lease) {
    return jdbc.sql(TAKE)
        .param("lease", lease.toMillis() / 1000.0)
        .query(DeadLetterRequeues::order)
        .optional();
  }

  public void markSent(Order order) {
    jdbc.sql(MARK_SENT)
        .param("fingerprint", order.fingerprint())
        .param("number", order.number())
        .update();
  }

  private static Order order(ResultSet row, int n) throws SQLException {
    return new Order(
        Objects.requireNonNull(row.getBytes("fingerprint")),
        row.getInt("number"),
        Columns.text(row, "routing_key"),
        row.getString("message_id"),
        Objects.requireNonNull(row.getBytes("body")));
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.DeadLetterState;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Looks at messages that no consumer could read or store. */
@Repository
public class DeadLetters {
  static final String LAST_REQUEUE =
      """
      LEFT JOIN LATERAL (
        SELECT number, seen, asked_by, asked_at, sent_at FROM dead_letter_requeues
        WHERE fingerprint = d.fingerprint ORDER BY number DESC LIMIT 1) r ON true
      """;

  static final String STATE =
      """
      CASE WHEN r.number IS NULL THEN 'kept' WHEN r.sent_at IS NULL THEN 'asked'
           WHEN d.seen > r.seen THEN 'returned' ELSE 'requeued' END
      """;

  /**
   * Only what came through the exchange of events can be sent that way again, and only what was
   * kept to the letter is the same message again: U+FFFD stands for what could not be kept.
   */
  static final String FIT =
      """
      (d.routing_key ~ '^task([.]|$)' AND d.message_id IS DISTINCT FROM ''
       AND position(chr(65533) IN d.routing_key || coalesce(d.message_id, '')) = 0)
      """;

  static final String CHOSEN =
      """
      (CAST(:state AS text) IS NULL OR :state = %s)
      AND (CAST(:reason AS text) IS NULL OR position(:reason IN d.reason) > 0)
      AND (CAST(:since AS timestamptz) IS NULL OR d.last_at >= :since)
      """
          .formatted(STATE);

  private static final int PREVIEW_BYTES = 600;

  private static final String COLUMNS =
      """
      SELECT d.fingerprint, d.queue, d.routing_key, d.message_id, d.reason, d.seen, d.first_at,
             d.last_at, octet_length(d.body) AS bytes, substring(d.body FROM 1 FOR %d) AS beginning,
             coalesce(r.number, 0) AS requeues, r.asked_by, r.asked_at, r.sent_at,
             %s AS state, %s AS fit
      FROM dead_letters d %s
      """
          .formatted(PREVIEW_BYTES, STATE, FIT, LAST_REQUEUE);

  private static final String FIND = COLUMNS + " WHERE d.fingerprint = :id";

  private static final String LIST =
      COLUMNS
          + """
          WHERE (CAST(:after AS bytea) IS NULL OR (d.first_at, d.fingerprint) < (
                   SELECT first_at, fingerprint FROM dead_letters WHERE fingerprint = :after))
            AND %s
          ORDER BY d.first_at DESC, d.fingerprint DESC LIMIT :limit
          """
              .formatted(CHOSEN);

  private static final Pattern UNSEEN = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}\uFFFD]");

  private final JdbcClient jdbc;
  private final BoundedReads reads;

  DeadLetters(JdbcClient jdbc, BoundedReads reads) {
    this.jdbc = jdbc;
    this.reads = reads;
  }

  /**
   * Which letters are meant; null is no condition.
   *
   * @param reason a part of why it could not be read or stored
   * @param since came at this time or later, for the first time or again
   */
  public record Filter(
      @Nullable DeadLetterState state, @Nullable String reason, @Nullable Instant since) {

    JdbcClient.StatementSpec in(JdbcClient.StatementSpec sql) {
      return sql.param("state", state == null ? null : state.wire())
          .param("reason", Columns.storableOrNull(reason))
          .param("since", since == null ? null : Columns.timestamp(since));
    }
  }

  /**
   * @param id of 64 hexadecimal digits; the same message always has the same
   * @param reason why it could not be read or stored
   * @param seen how often it has come
   * @param bytes of its body
   * @param preview the beginning of its body, on one line
   * @param fit whether it can be sent again as it came
   * @param requeues how often it was sent again
   * @param askedBy who had it sent again, the last time, as {@code askedAt} and {@code sentAt}
   */
  public record Letter(
      String id,
      DeadLetterState state,
      String reason,
      String queue,
      String routingKey,
      @Nullable String messageId,
      int seen,
      Instant firstAt,
      Instant lastAt,
      int bytes,
      String preview,
      boolean fit,
      int requeues,
      @Nullable String askedBy,
      @Nullable Instant askedAt,
      @Nullable Instant sentAt) {}

  public Optional<Letter> find(String id) {
    return jdbc.sql(FIND).param("id", bytes(id)).query(DeadLetters::letter).optional();
  }

  /**
   * @param after the letter behind which to begin; null for the newest
   * @return newest first, by when they came for the first time
   */
  public List<Letter> list(Filter filter, @Nullable String after, int limit) {
    return reads.read(
        () ->
            filter
                .in(jdbc.sql(LIST))
                .param("after", after == null ? null : bytes(after))
                .param("limit", limit)
                .query(DeadLetters::letter)
                .list());
  }

  static byte[] bytes(String id) {
    return HexFormat.of().parseHex(id.toLowerCase(Locale.ROOT));
  }

  private static Letter letter(ResultSet row, int n) throws SQLException {
    byte[] beginning = Objects.requireNonNull(row.getBytes("beginning"));
    return new Letter(
        HexFormat.of().formatHex(row.getBytes("fingerprint")),
        DeadLetterState.fromWire(Columns.text(row, "state")),
        Columns.text(row, "reason"),
        Columns.text(row, "queue"),
        Columns.text(row, "routing_key"),
        row.getString("message_id"),
        row.getInt("seen"),
        Columns.instant(row, "first_at"),
        Columns.instant(row, "last_at"),
        row.getInt("bytes"),
        UNSEEN.matcher(new String(beginning, StandardCharsets.UTF_8)).replaceAll("?"),
        row.getBoolean("fit"),
        row.getInt("requeues"),
        row.getString("asked_by"),
        Columns.instantOrNull(row, "asked_at"),
        Columns.instantOrNull(row, "sent_at"));
  }
}

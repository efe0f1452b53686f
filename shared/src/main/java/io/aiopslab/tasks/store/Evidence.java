package io.aiopslab.tasks.store;

import io.aiopslab.tasks.message.RunEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What was received and not applied: nothing is dropped silently. */
@Repository
public class Evidence {
  private static final String KEEP_STALE =
      """
      INSERT INTO stale_reports (session_id, seq, task_id, reason, body)
      VALUES (:sessionId, :seq, :taskId, :reason, :body) ON CONFLICT DO NOTHING
      """;

  private static final String QUARANTINE =
      """
      INSERT INTO dead_letters AS d (fingerprint, queue, routing_key, message_id, reason, body)
      VALUES (:fingerprint, :queue, :routingKey, :messageId, :reason, :body)
      ON CONFLICT (fingerprint) DO UPDATE SET seen = d.seen + 1, last_at = now()
      """;

  /** A parser may quote what it cannot read; the body is kept anyway. In characters. */
  private static final int LONGEST_REASON = 500;

  private final JdbcClient jdbc;

  Evidence(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A message as it came, whatever is in it. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record DeadLetter(
      String queue, String routingKey, @Nullable String messageId, byte[] body) {}

  /** Keeps a readable event that lost against the state of its task. */
  public void keepStale(RunEvent event, String reason) {
    jdbc.sql(KEEP_STALE)
        .param("sessionId", event.sessionId())
        .param("seq", event.seq())
        .param("taskId", event.taskId())
        .param("reason", reason)
        .param("body", Columns.storable(new String(event.toBytes(), StandardCharsets.UTF_8)))
        .update();
  }

  /** Keeps a message that cannot be read, whole; a repeat is counted. */
  public void quarantine(DeadLetter letter, String reason) {
    jdbc.sql(QUARANTINE)
        .param("fingerprint", fingerprint(letter))
        .param("queue", letter.queue())
        .param("routingKey", Columns.storable(letter.routingKey()))
        .param("messageId", Columns.storableOrNull(letter.messageId()))
        .param("reason", Columns.storable(shortened(reason)))
        .param("body", letter.body())
        .update();
  }

  private static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…";
  }

  private static byte[] fingerprint(DeadLetter letter) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(letter.routingKey().getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
      sha256.update(String.valueOf(letter.messageId()).getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
      return sha256.digest(letter.body());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

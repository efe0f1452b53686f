package io.aiopslab.tasks.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What was submitted under which of the clients' own keys. */
@Repository
public class IdempotencyKeys {
  private static final String KEEP =
      """
      INSERT INTO idempotency_keys (key, body_hash, task_ids) VALUES (:key, decode(:bodyHash, 'hex'), :taskIds)
      ON CONFLICT DO NOTHING
      """;

  private static final String FIND =
      "SELECT encode(body_hash, 'hex') AS body_hash, task_ids FROM idempotency_keys WHERE key = :key";

  private final JdbcClient jdbc;

  IdempotencyKeys(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * To be called in the transaction that inserts the tasks, before they are inserted. Waits for a
   * transaction that is keeping the same key.
   *
   * @param bodyHash SHA-256, in lower-case hexadecimal
   * @return false if the key is taken: {@link #find} then knows by what
   */
  public boolean keep(String key, String bodyHash, List<UUID> taskIds) {
    return jdbc.sql(KEEP)
            .param("key", key)
            .param("bodyHash", bodyHash)
            .param("taskIds", taskIds.toArray(UUID[]::new))
            .update()
        == 1;
  }

  public Optional<Kept> find(String key) {
    return jdbc.sql(FIND).param("key", key).query(IdempotencyKeys::read).optional();
  }

  private static Kept read(ResultSet row, int rowNumber) throws SQLException {
    UUID[] ids = (UUID[]) row.getArray("task_ids").getArray();
    return new Kept(Columns.text(row, "body_hash"), List.of(ids));
  }

  /**
   * @param bodyHash SHA-256, in lower-case hexadecimal
   * @param taskIds in the order of the body
   */
  public record Kept(String bodyHash, List<UUID> taskIds) {}
}

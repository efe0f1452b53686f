package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.CallbackAttempt;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Every try of every callback; written with {@link CallbackDeliveries#record}. */
@Repository
public class CallbackAttempts {
  private static final String NEWEST =
      """
      SELECT * FROM (
        SELECT %s FROM callback_attempts a
        WHERE a.task_id = :taskId ORDER BY a.number DESC LIMIT :limit) newest
      ORDER BY number
      """
          .formatted(CallbackRow.ATTEMPT);

  private final JdbcClient jdbc;

  CallbackAttempts(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @return the newest {@code limit} attempts in order of number
   */
  public List<CallbackAttempt> newest(UUID taskId, int limit) {
    return jdbc.sql(NEWEST)
        .param("taskId", taskId)
        .param("limit", limit)
        .query(CallbackRow::attempt)
        .list();
  }
}

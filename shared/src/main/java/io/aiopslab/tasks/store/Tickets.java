package io.aiopslab.tasks.store;

import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.task.TraceParent;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What tickets there should be at the broker. */
@Repository
public class Tickets {
  private static final String OLDEST =
      """
      SELECT id, backend_type, traceparent FROM tasks
      WHERE status = 'pending' AND backend_type = :backendType
      ORDER BY %s
      LIMIT :most
      """
          .formatted(Turns.ORDER);

  /** From one to the next along the index, however many wait of each. */
  static final String BACKENDS_THAT_WAIT =
      """
      WITH RECURSIVE waiting AS (
        (SELECT backend_type FROM tasks WHERE status = 'pending' ORDER BY backend_type LIMIT 1)
        UNION ALL
        SELECT (SELECT t.backend_type FROM tasks t
                WHERE t.status = 'pending' AND t.backend_type > w.backend_type
                ORDER BY t.backend_type LIMIT 1)
        FROM waiting w WHERE w.backend_type IS NOT NULL)
      SELECT backend_type FROM waiting WHERE backend_type IS NOT NULL LIMIT :most
      """;

  private static final String PENDING =
      """
      SELECT count(*) FROM (
        SELECT FROM tasks WHERE status = 'pending' AND backend_type = :backendType LIMIT :most)
        bounded
      """;

  private static final String BACKENDS_WITH_WORKERS =
      """
      SELECT DISTINCT backend_type FROM workers
      WHERE status <> 'offline' AND last_heartbeat_at > now() - interval '1 minute'
      LIMIT 1000
      """;

  private final JdbcClient jdbc;

  Tickets(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @return tickets of pending tasks of a backend, in the order in which they are claimed
   */
  public List<Ticket> oldest(String backendType, int most) {
    return jdbc.sql(OLDEST)
        .param("backendType", backendType)
        .param("most", most)
        .query(
            (row, n) ->
                Ticket.of(
                    Columns.uuid(row, "id"),
                    Columns.text(row, "backend_type"),
                    TraceParent.parse(row.getString("traceparent"))))
        .list();
  }

  /** Backends that have pending tasks. */
  public List<String> backendsThatWait(int most) {
    return jdbc.sql(BACKENDS_THAT_WAIT).param("most", most).query(String.class).list();
  }

  /**
   * @return how many tasks of a backend are pending; {@code most} if they are as many or more
   */
  public int pending(String backendType, int most) {
    return jdbc.sql(PENDING)
        .param("backendType", backendType)
        .param("most", most)
        .query(Integer.class)
        .single();
  }

  /** Those of which a worker was heard within the last minute; about 1,000 of them. */
  public List<String> backendsWithWorkers() {
    return jdbc.sql(BACKENDS_WITH_WORKERS).query(String.class).list();
  }
}

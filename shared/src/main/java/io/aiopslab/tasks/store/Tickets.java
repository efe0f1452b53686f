package io.aiopslab.tasks.store;

import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.task.TraceParent;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Which pending tasks have their ticket at the broker. */
@Repository
public class Tickets {
  private static final String UNPUBLISHED =
      """
      SELECT id, backend_type, traceparent FROM tasks
      WHERE status = 'pending' AND published_at IS NULL
        AND created_at < now() - make_interval(secs => :age)
      ORDER BY created_at
      LIMIT :limit
      """;

  private static final String MARK_PUBLISHED =
      """
      WITH sent AS MATERIALIZED (
        SELECT id FROM tasks
        WHERE id = ANY(:ids) AND published_at IS NULL AND status IN ('pending', 'running')
        ORDER BY id
        FOR NO KEY UPDATE)
      UPDATE tasks t SET published_at = now() FROM sent WHERE t.id = sent.id
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
   * @param olderThan leaves alone the tasks that are being published right now
   * @return tickets of pending tasks that the broker has not confirmed yet, oldest first
   */
  public List<Ticket> unpublished(Duration olderThan, int limit) {
    return jdbc.sql(UNPUBLISHED)
        .param("age", olderThan.toMillis() / 1000.0)
        .param("limit", limit)
        .query(
            (row, n) ->
                Ticket.of(
                    Columns.uuid(row, "id"),
                    Columns.text(row, "backend_type"),
                    TraceParent.parse(row.getString("traceparent"))))
        .list();
  }

  /**
   * Notes that the broker has the tickets; tasks that have ended meanwhile are left as they are.
   */
  public void markPublished(Collection<UUID> taskIds) {
    jdbc.sql(MARK_PUBLISHED).param("ids", taskIds.toArray(UUID[]::new)).update();
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

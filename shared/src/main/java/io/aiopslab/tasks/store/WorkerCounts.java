package io.aiopslab.tasks.store;

import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** How many workers each backend has, and how they are. */
@Repository
public class WorkerCounts {
  private static final String BY_STATE =
      """
      WITH states (state) AS (
        VALUES ('idle'), ('busy'), ('quarantined'), ('paused'), ('draining'), ('offline')),
      backends AS (SELECT DISTINCT backend_type FROM workers ORDER BY backend_type LIMIT 500),
      seen AS (
        SELECT backend_type,
               CASE WHEN last_heartbeat_at < now() - make_interval(secs => :silence)
                      OR status = 'offline' THEN 'offline'
                    WHEN status = 'quarantined' THEN 'quarantined'
                    WHEN draining_at IS NOT NULL THEN 'draining'
                    WHEN paused_at IS NOT NULL THEN 'paused'
                    ELSE status END AS state
        FROM workers)
      SELECT backend_type, state, count(seen.state) AS workers
      FROM backends CROSS JOIN states LEFT JOIN seen USING (backend_type, state)
      GROUP BY backend_type, state
      ORDER BY backend_type COLLATE "C", state
      """;

  private final JdbcClient jdbc;

  WorkerCounts(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param state idle, busy, quarantined, paused, draining or offline; who is paused or draining
   *     may still run something
   */
  public record Count(String backendType, String state, long workers) {}

  /**
   * Every state of each backend that ever had a worker, at most 500 backends; each worker is
   * counted once.
   *
   * @param silence a worker that was not heard of for longer is offline
   */
  public List<Count> byState(Duration silence) {
    return jdbc.sql(BY_STATE)
        .param("silence", silence.toMillis() / 1000.0)
        .query(
            (row, n) ->
                new Count(
                    Columns.text(row, "backend_type"),
                    Columns.text(row, "state"),
                    row.getLong("workers")))
        .list();
  }
}

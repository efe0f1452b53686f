package io.aiopslab.tasks.store;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Which session each task belongs to: whose events count. */
@Repository
public class RunSessions {
  private static final String OF_TASKS =
      """
      SELECT id, session_id, backend_type,
             CAST(extract(epoch FROM now() - started_at) AS double precision) AS age
      FROM tasks WHERE id = ANY(:ids) AND session_id IS NOT NULL
      """;

  private final JdbcClient jdbc;

  RunSessions(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param age from its claim to the beginning of this transaction; so the time that a run took, if
   *     this is the transaction that ends it
   */
  public record Run(UUID sessionId, String backendType, Duration age) {}

  /**
   * @return the run by task id; a task that is unknown or was never claimed is missing
   */
  public Map<UUID, Run> of(Collection<UUID> taskIds) {
    Map<UUID, Run> runs = new HashMap<>();
    jdbc.sql(OF_TASKS)
        .param("ids", taskIds.toArray(UUID[]::new))
        .query(
            row -> {
              runs.put(
                  Columns.uuid(row, "id"),
                  new Run(
                      Columns.uuid(row, "session_id"),
                      Columns.text(row, "backend_type"),
                      Duration.ofMillis(Math.round(1000 * row.getDouble("age")))));
            });
    return runs;
  }
}

package io.aiopslab.tasks.store;

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
      "SELECT id, session_id FROM tasks WHERE id = ANY(:ids) AND session_id IS NOT NULL";

  private final JdbcClient jdbc;

  RunSessions(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @return session by task id; a task that is unknown or was never claimed is missing
   */
  public Map<UUID, UUID> of(Collection<UUID> taskIds) {
    Map<UUID, UUID> sessions = new HashMap<>();
    jdbc.sql(OF_TASKS)
        .param("ids", taskIds.toArray(UUID[]::new))
        .query(
            row -> {
              sessions.put(Columns.uuid(row, "id"), Columns.uuid(row, "session_id"));
            });
    return sessions;
  }
}

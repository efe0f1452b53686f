package io.aiopslab.tasks.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.node.ObjectNode;

/** AIOpsLab's own result JSON of each run that has one. */
@Repository
public class AiopslabResults {
  private static final String RECORD =
      """
      INSERT INTO task_aiopslab_results (task_id, content, at) VALUES (?, ?::json, ?)
      ON CONFLICT DO NOTHING
      """;

  private static final String FIND =
      "SELECT content FROM task_aiopslab_results WHERE task_id = :taskId";

  private final JdbcTemplate batches;
  private final JdbcClient jdbc;

  AiopslabResults(JdbcTemplate batches, JdbcClient jdbc) {
    this.batches = batches;
    this.jdbc = jdbc;
  }

  /**
   * @param at by the worker's clock
   */
  public record Entry(UUID taskId, ObjectNode content, Instant at) {}

  /** Keeps the first of each task; a repeat changes nothing. */
  public void record(List<Entry> entries) {
    batches.batchUpdate(
        RECORD,
        entries,
        10,
        (row, entry) -> {
          row.setObject(1, entry.taskId());
          row.setString(2, Columns.json(entry.content()));
          row.setObject(3, Columns.timestamp(entry.at()));
        });
  }

  /** The JSON as it was kept. */
  public Optional<String> find(UUID taskId) {
    return jdbc.sql(FIND).param("taskId", taskId).query(String.class).optional();
  }
}

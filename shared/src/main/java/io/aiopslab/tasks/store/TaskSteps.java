package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Step;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The trajectory of every run, append only. */
@Repository
public class TaskSteps {
  private static final String APPEND =
      """
      INSERT INTO task_steps (task_id, index, turn, role, content, model_ms, environment_ms, tokens,
                              logprobs, model, at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?::json, ?::json, ?::json, ?) ON CONFLICT DO NOTHING
      """;

  private static final String READ =
      """
      SELECT index, turn, role, content, model_ms, environment_ms, tokens, logprobs, model, at
      FROM task_steps WHERE task_id = :taskId ORDER BY index
      """;

  private static final String SLICE =
      """
      SELECT * FROM (
        SELECT s.*, count(*) OVER () AS found, sum(size) OVER (ORDER BY index) AS total FROM (
          SELECT index, turn, role, content, model_ms, environment_ms, tokens, logprobs, model, at,
                 octet_length(content) + coalesce(octet_length(tokens::text), 0)
                 + coalesce(octet_length(logprobs::text), 0)
                 + coalesce(octet_length(model::text), 0) AS size
          FROM task_steps WHERE task_id = :taskId AND index > :after
          ORDER BY index LIMIT :limit + 1) s) sized
      WHERE total - size < :bytes ORDER BY index
      """;

  private final JdbcTemplate batches;
  private final JdbcClient jdbc;

  TaskSteps(JdbcTemplate batches, JdbcClient jdbc) {
    this.batches = batches;
    this.jdbc = jdbc;
  }

  /** A message of one task's trajectory. */
  public record Entry(UUID taskId, Step step) {}

  /** Stores messages; those that are there already stay as they are. */
  public void append(List<Entry> entries) {
    batches.batchUpdate(
        APPEND,
        entries,
        500,
        (row, entry) -> {
          Step step = entry.step();
          row.setObject(1, entry.taskId());
          row.setInt(2, step.index());
          row.setInt(3, step.turn());
          row.setString(4, Columns.storable(step.role()));
          row.setString(5, Columns.storable(step.content()));
          row.setObject(6, step.modelMs(), java.sql.Types.DOUBLE);
          row.setObject(7, step.environmentMs(), java.sql.Types.DOUBLE);
          row.setString(8, Columns.json(step.tokens()));
          row.setString(9, Columns.json(step.logprobs()));
          row.setString(10, Columns.json(step.model()));
          row.setObject(11, Columns.timestamp(step.at()));
        });
  }

  /**
   * @return all messages in order of index
   */
  public List<Step> read(UUID taskId) {
    return jdbc.sql(READ).param("taskId", taskId).query(TaskSteps::step).list();
  }

  /**
   * @param after index after which to begin; -1 for the beginning
   * @param bytes roughly the most to return; the first message comes whatever its size
   * @return messages in order of index
   */
  public Slice<Step> slice(UUID taskId, long after, int limit, long bytes) {
    return Slice.read(
        jdbc.sql(SLICE)
            .param("taskId", taskId)
            .param("after", after)
            .param("limit", limit)
            .param("bytes", bytes),
        limit,
        TaskSteps::step);
  }

  static Step step(ResultSet row, int n) throws SQLException {
    return new Step(
        row.getInt("index"),
        row.getInt("turn"),
        Columns.text(row, "role"),
        Columns.text(row, "content"),
        row.getObject("model_ms", Double.class),
        row.getObject("environment_ms", Double.class),
        Columns.jsonOrNull(row, "tokens"),
        Columns.jsonOrNull(row, "logprobs"),
        Columns.jsonOrNull(row, "model"),
        Columns.instant(row, "at"));
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Briefing;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What the agent of each run was told before its first turn. */
@Repository
public class RunBriefings {
  private static final String RECORD =
      """
      INSERT INTO task_briefings (task_id, description, instructions, actions, at)
      VALUES (?, ?, ?, ?::json, ?) ON CONFLICT DO NOTHING
      """;

  private static final String FIND =
      "SELECT description, instructions, actions FROM task_briefings WHERE task_id = :taskId";

  private final JdbcTemplate batches;
  private final JdbcClient jdbc;

  RunBriefings(JdbcTemplate batches, JdbcClient jdbc) {
    this.batches = batches;
    this.jdbc = jdbc;
  }

  /**
   * @param at by the worker's clock
   */
  public record Entry(UUID taskId, Briefing briefing, Instant at) {}

  /** Keeps the first briefing of each task; a repeat changes nothing. */
  public void record(List<Entry> entries) {
    batches.batchUpdate(
        RECORD,
        entries,
        100,
        (row, entry) -> {
          row.setObject(1, entry.taskId());
          row.setString(2, Columns.storable(entry.briefing().description()));
          row.setString(3, Columns.storable(entry.briefing().instructions()));
          row.setString(4, Columns.json(entry.briefing().actions()));
          row.setObject(5, Columns.timestamp(entry.at()));
        });
  }

  public Optional<Briefing> find(UUID taskId) {
    return jdbc.sql(FIND).param("taskId", taskId).query((row, n) -> read(row)).optional();
  }

  static Briefing read(ResultSet row) throws SQLException {
    return new Briefing(
        Columns.text(row, "description"),
        Columns.text(row, "instructions"),
        Columns.object(row, "actions"));
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The lines of every run's log, append only. */
@Repository
public class TaskLogs {
  private static final String APPEND =
      """
      INSERT INTO task_logs (task_id, seq, ts, level, message, context)
      VALUES (?, ?, ?, ?, ?, ?::json) ON CONFLICT DO NOTHING
      """;

  private static final String PAGE =
      """
      SELECT seq, ts, level, message, context FROM task_logs
      WHERE task_id = :taskId AND seq > :after AND level = ANY(:levels)
        AND (CAST(:since AS timestamptz) IS NULL OR ts >= :since)
      ORDER BY seq LIMIT :limit
      """;

  private static final String SLICE =
      """
      SELECT * FROM (
        SELECT l.*, count(*) OVER () AS found, sum(size) OVER (ORDER BY seq) AS total FROM (
          SELECT seq, ts, level, message, context,
                 octet_length(message) + coalesce(octet_length(context::text), 0) AS size
          FROM task_logs
          WHERE task_id = :taskId AND seq > :after AND level = ANY(:levels)
            AND (CAST(:since AS timestamptz) IS NULL OR ts >= :since)
          ORDER BY seq LIMIT :limit + 1) l) sized
      WHERE total - size < :bytes ORDER BY seq
      """;

  private static final String ENSURE_PARTITION =
      "SELECT ensure_task_logs_partition(now() + make_interval(months => :months))";

  private final JdbcTemplate batches;
  private final JdbcClient jdbc;

  TaskLogs(JdbcTemplate batches, JdbcClient jdbc) {
    this.batches = batches;
    this.jdbc = jdbc;
  }

  /** A line of one task's log. */
  public record Entry(UUID taskId, LogLine line) {}

  /**
   * Which lines to read.
   *
   * @param after seq after which to begin; -1 for the beginning
   * @param since lines written at this time or later; null for all
   * @param atLeast the least severe level to return
   */
  public record Page(long after, java.time.@Nullable Instant since, LogLevel atLeast, int limit) {}

  /** Stores lines; those that are there already stay as they are. */
  public void append(List<Entry> entries) {
    batches.batchUpdate(
        APPEND,
        entries,
        1000,
        (row, entry) -> {
          LogLine line = entry.line();
          row.setObject(1, entry.taskId());
          row.setLong(2, line.seq());
          row.setObject(3, Columns.timestamp(line.ts()));
          row.setString(4, line.level().wire());
          row.setString(5, Columns.storable(line.message()));
          row.setString(6, Columns.json(line.context()));
        });
  }

  /**
   * @return lines in order of seq
   */
  public List<LogLine> read(UUID taskId, Page page) {
    return page(PAGE, taskId, page).query(TaskLogs::line).list();
  }

  /**
   * @param bytes roughly the most to return; the first line comes whatever its size
   * @return lines in order of seq
   */
  public Slice<LogLine> slice(UUID taskId, Page page, long bytes) {
    return Slice.read(
        page(SLICE, taskId, page).param("bytes", bytes), page.limit(), TaskLogs::line);
  }

  private JdbcClient.StatementSpec page(String sql, UUID taskId, Page page) {
    String[] levels =
        java.util.Arrays.stream(LogLevel.values())
            .filter(level -> level.compareTo(page.atLeast()) >= 0)
            .map(LogLevel::wire)
            .toArray(String[]::new);
    return jdbc.sql(sql)
        .param("taskId", taskId)
        .param("after", page.after())
        .param("levels", levels)
        .param("since", page.since() == null ? null : Columns.timestamp(page.since()))
        .param("limit", page.limit());
  }

  static LogLine line(ResultSet row, int n) throws SQLException {
    return new LogLine(
        row.getLong("seq"),
        Columns.instant(row, "ts"),
        LogLevel.fromWire(Columns.text(row, "level")),
        Columns.text(row, "message"),
        Columns.objectOrNull(row, "context"));
  }

  /**
   * Makes sure that the tasks of a month have a partition for their lines. Lines of theirs that
   * came before it are moved there; meanwhile nobody can store or read lines that have no
   * partition.
   *
   * @param months from now: 0 for this one
   * @return its name
   */
  public String ensurePartition(int months) {
    return jdbc.sql(ENSURE_PARTITION).param("months", months).query(String.class).single();
  }
}

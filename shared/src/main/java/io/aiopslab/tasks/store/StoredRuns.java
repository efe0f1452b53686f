package io.aiopslab.tasks.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Whether the database has what runs said: asked by workers, whose role may not read it. */
@Repository
public class StoredRuns {
  private static final String STANDINGS =
      """
      SELECT session, coalesce(standing_of_report(task, session, last_seq, steps), 'missing')
      FROM unnest(:tasks, :sessions, :lastSeqs, :steps) AS report (task, session, last_seq, steps)
      """;

  private final JdbcClient jdbc;

  StoredRuns(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What a run said, in short.
   *
   * @param lastSeq seq of its last event
   * @param steps messages of its trajectory; null if only its end is to be asked about
   */
  public record Report(UUID taskId, UUID sessionId, long lastSeq, @Nullable Integer steps) {}

  public enum Standing {
    /** Accepted with every line and step that belongs to it, or else kept as evidence. */
    STORED,
    /** The task has ended otherwise, and this report was never seen. */
    OVERRULED,
    MISSING
  }

  /**
   * In one statement, by keys alone; the lines of a log are counted for a run whose result and last
   * line are there.
   *
   * @return standing by session
   */
  public Map<UUID, Standing> standings(Collection<Report> reports) {
    Map<UUID, Standing> standings = new HashMap<>();
    jdbc.sql(STANDINGS)
        .param("tasks", reports.stream().map(Report::taskId).toArray(UUID[]::new))
        .param("sessions", reports.stream().map(Report::sessionId).toArray(UUID[]::new))
        .param("lastSeqs", reports.stream().map(Report::lastSeq).toArray(Long[]::new))
        .param("steps", reports.stream().map(Report::steps).toArray(Integer[]::new))
        .query(
            row -> {
              standings.put(
                  Columns.uuid(row, "session"),
                  Standing.valueOf(Columns.text(row, "coalesce").toUpperCase(Locale.ROOT)));
            });
    return standings;
  }
}

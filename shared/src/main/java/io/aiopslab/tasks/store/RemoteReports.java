package io.aiopslab.tasks.store;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * How much each run of an HTTP worker has reported. Noted before the report goes to the broker, so
 * that a run whose worker does not count is counted by what was taken from it, not by what happens
 * to be stored when it ends.
 */
@Repository
public class RemoteReports {
  private static final String NOTE =
      """
      INSERT INTO remote_reports AS r (session_id, task_id, log_lines, messages, turns)
      VALUES (:session, :task, :logLines, :messages, :turns)
      ON CONFLICT (session_id) DO UPDATE
      SET log_lines = greatest(r.log_lines, EXCLUDED.log_lines),
          messages = greatest(r.messages, EXCLUDED.messages),
          turns = greatest(r.turns, EXCLUDED.turns)
      WHERE EXCLUDED.log_lines > r.log_lines OR EXCLUDED.messages > r.messages
         OR EXCLUDED.turns > r.turns
      """;

  private static final String FIND =
      "SELECT log_lines, messages, turns FROM remote_reports WHERE session_id = :session";

  private final JdbcClient jdbc;

  RemoteReports(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param logLines one more than the largest seq of a line
   * @param messages one more than the largest index of a message of the trajectory
   * @param turns one more than the largest turn of the agent
   */
  public record Counts(long logLines, int messages, int turns) {
    public static final Counts NONE = new Counts(0, 0, 0);

    public Counts and(Counts other) {
      return new Counts(
          Math.max(logLines, other.logLines),
          Math.max(messages, other.messages),
          Math.max(turns, other.turns));
    }
  }

  /** Whatever has been noted before stays, so reports may come in any order, and again. */
  public void note(UUID task, UUID session, Counts counts) {
    jdbc.sql(NOTE)
        .param("session", session)
        .param("task", task)
        .param("logLines", counts.logLines())
        .param("messages", counts.messages())
        .param("turns", counts.turns())
        .update();
  }

  public Counts find(UUID session) {
    return jdbc.sql(FIND)
        .param("session", session)
        .query(
            (row, n) ->
                new Counts(row.getLong("log_lines"), row.getInt("messages"), row.getInt("turns")))
        .optional()
        .orElse(Counts.NONE);
  }
}

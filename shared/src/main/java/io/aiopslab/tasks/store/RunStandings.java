package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.TraceParent;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** How a run stands in the eyes of the database: whose it is, and whether it has reported. */
@Repository
public class RunStandings {
  private static final String FIND =
      """
      SELECT t.status, t.session_id, t.worker_id, t.cancel_requested_at IS NOT NULL AS cancel,
             r.last_seq, t.traceparent, c.unheard_since IS NOT NULL AS unheard
      FROM tasks t LEFT JOIN task_results r ON r.task_id = t.id
        LEFT JOIN remote_reports c ON c.session_id = t.session_id
      WHERE t.id = :id
      """;

  private final JdbcClient jdbc;

  RunStandings(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param cancelRequested somebody wants the run to end
   * @param reportedSeq seq of the end that the run has reported; null if none has been stored
   * @param trace the request that submitted the task
   * @param isUnheard whether this is the first that is heard of its claim
   */
  public record Standing(
      TaskStatus status,
      @Nullable UUID sessionId,
      @Nullable String workerId,
      boolean cancelRequested,
      @Nullable Long reportedSeq,
      @Nullable TraceParent trace,
      boolean isUnheard) {

    /** Whether that session runs the task, or ended it by its own report. */
    public boolean isHeldBy(UUID session, String worker) {
      return session.equals(sessionId)
          && worker.equals(workerId)
          && (status == TaskStatus.RUNNING || reportedSeq != null);
    }
  }

  public Optional<Standing> find(UUID taskId) {
    return jdbc.sql(FIND)
        .param("id", taskId)
        .query(
            (row, n) ->
                new Standing(
                    TaskStatus.fromWire(Columns.text(row, "status")),
                    Columns.uuidOrNull(row, "session_id"),
                    row.getString("worker_id"),
                    row.getBoolean("cancel"),
                    row.getObject("last_seq", Long.class),
                    TraceParent.parse(row.getString("traceparent")),
                    row.getBoolean("unheard")))
        .optional();
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.TaskResult;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What each finished run reported. */
@Repository
public class TaskResults {
  private static final String RECORD =
      """
      INSERT INTO task_results (task_id, session_id, environment, success, reward, reward_components,
                                metrics, output, attestation, stop_reason, steps, log_lines, last_seq,
                                finished_at, trajectory_events)
      VALUES (:taskId, :sessionId, :environment, :success, :reward, CAST(:components AS jsonb),
              CAST(:metrics AS jsonb), CAST(:output AS json), CAST(:attestation AS json), :stopReason,
              :steps, :logLines, :lastSeq, :finishedAt, :trajectoryEvents)
      ON CONFLICT DO NOTHING
      """;

  private static final String FIND =
      """
      SELECT environment, success, reward, reward_components, metrics, output, attestation, stop_reason,
             steps, log_lines
      FROM task_results WHERE task_id = :taskId
      """;

  private static final String AMONG =
      """
      SELECT task_id, environment, success, reward, reward_components, metrics, output, attestation,
             stop_reason, steps, log_lines
      FROM task_results WHERE task_id = ANY(:ids)
      """;

  private static final String IS_RECORDED =
      """
      SELECT count(*) > 0 FROM task_results
      WHERE task_id = :taskId AND session_id = :sessionId AND last_seq = :lastSeq
      """;

  private final JdbcClient jdbc;

  TaskResults(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Likewise, of a run whose briefing and steps nobody has counted. */
  public void record(
      UUID taskId, UUID sessionId, long lastSeq, Instant finishedAt, TaskResult result) {
    record(taskId, sessionId, lastSeq, finishedAt, result, null);
  }

  /**
   * Keeps the result of a run; a repeat changes nothing.
   *
   * @param lastSeq seq of the run's last event
   * @param finishedAt by the worker's clock
   * @param trajectoryEvents how many briefings, steps and results of AIOpsLab the run has sent
   */
  public void record(
      UUID taskId,
      UUID sessionId,
      long lastSeq,
      Instant finishedAt,
      TaskResult result,
      @Nullable Integer trajectoryEvents) {
    jdbc.sql(RECORD)
        .param("taskId", taskId)
        .param("sessionId", sessionId)
        .param("environment", Columns.storableOrNull(result.environment()))
        .param("success", result.success())
        .param("reward", result.reward())
        .param("components", Columns.jsonb(result.rewardComponents()))
        .param("metrics", Columns.jsonb(result.metrics()))
        .param("output", Columns.json(result.output()))
        .param("attestation", Columns.json(result.attestation()))
        .param("stopReason", Columns.storableOrNull(result.stopReason()))
        .param("steps", result.steps())
        .param("logLines", result.logLines())
        .param("lastSeq", lastSeq)
        .param("finishedAt", Columns.timestamp(finishedAt))
        .param("trajectoryEvents", trajectoryEvents)
        .update();
  }

  /** Whether this very end of a run has been recorded before: tells a repeat from a rival. */
  public boolean isRecorded(UUID taskId, UUID sessionId, long lastSeq) {
    return jdbc.sql(IS_RECORDED)
        .param("taskId", taskId)
        .param("sessionId", sessionId)
        .param("lastSeq", lastSeq)
        .query(Boolean.class)
        .single();
  }

  public Optional<TaskResult> find(UUID taskId) {
    return jdbc.sql(FIND).param("taskId", taskId).query(TaskResults::result).optional();
  }

  /** The results of those of {@code ids} that have one. */
  public Map<UUID, TaskResult> among(Collection<UUID> ids) {
    Map<UUID, TaskResult> results = new HashMap<>();
    jdbc.sql(AMONG)
        .param("ids", ids.toArray(UUID[]::new))
        .query(
            row -> {
              results.put(Columns.uuid(row, "task_id"), result(row, 0));
            });
    return results;
  }

  private static TaskResult result(ResultSet row, int n) throws SQLException {
    return new TaskResult(
        row.getString("environment"),
        row.getObject("success", Boolean.class),
        row.getObject("reward", Double.class),
        Columns.numbers(row, "reward_components"),
        Columns.numbers(row, "metrics"),
        Columns.jsonOrNull(row, "output"),
        Columns.jsonOrNull(row, "attestation"),
        row.getString("stop_reason"),
        row.getInt("steps"),
        row.getLong("log_lines"));
  }
}

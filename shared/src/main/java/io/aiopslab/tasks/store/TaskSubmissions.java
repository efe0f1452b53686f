package io.aiopslab.tasks.store;

import com.github.f4b6a3.uuid.UuidCreator;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** (none) → pending. */
@Repository
public class TaskSubmissions {
  private static final String INSERT =
      """
      INSERT INTO tasks AS t (id, problem_id, backend_type, priority, max_steps, timeout_minutes,
                              agent_config, metadata, callback_url, changed_by)
      VALUES (:id, :problemId, :backendType, :priority, :maxSteps, :timeoutMinutes,
              CAST(:agentConfig AS jsonb), CAST(:metadata AS jsonb), :callbackUrl, 'api')
      RETURNING %s
      """
          .formatted(TaskRow.COLUMNS);

  private final JdbcClient jdbc;

  TaskSubmissions(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Saves a new pending task; when this returns, it is committed unless a transaction is open. */
  public Task submit(TaskSpec spec) {
    return jdbc.sql(INSERT)
        .param("id", UuidCreator.getTimeOrderedEpochPlus1())
        .param("problemId", spec.problemId())
        .param("backendType", spec.backendType())
        .param("priority", spec.priority())
        .param("maxSteps", spec.maxSteps())
        .param("timeoutMinutes", spec.timeoutMinutes())
        .param("agentConfig", Columns.jsonb(spec.agentConfig()))
        .param("metadata", Columns.jsonb(spec.metadata()))
        .param("callbackUrl", spec.callbackUrl())
        .query(TaskRow::read)
        .single();
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Worker;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Who is there to run tasks, and when each was last heard of. */
@Repository
public class Workers {
  private static final String REGISTER =
      """
      INSERT INTO workers AS w (id, backend_type, status, incarnation, capabilities, metadata)
      VALUES (:id, :backendType, 'idle', :incarnation,
              CAST(:capabilities AS jsonb), CAST(:metadata AS jsonb))
      ON CONFLICT (id) DO UPDATE
      SET backend_type = EXCLUDED.backend_type, status = 'idle',
          status_reason = NULL, current_task_id = NULL,
          incarnation = EXCLUDED.incarnation, capabilities = EXCLUDED.capabilities,
          metadata = EXCLUDED.metadata, last_heartbeat_at = now(),
          registered_at = CASE WHEN w.incarnation = EXCLUDED.incarnation
                               THEN w.registered_at ELSE now() END
      """;

  private static final String BEAT =
      """
      UPDATE workers
      SET last_heartbeat_at = now(), current_task_id = :taskId,
          status = CASE WHEN CAST(:taskId AS uuid) IS NOT NULL THEN 'busy'
                        WHEN CAST(:quarantine AS text) IS NOT NULL THEN 'quarantined'
                        ELSE 'idle' END,
          status_reason = CAST(:quarantine AS text)
      WHERE id = :id AND incarnation = :incarnation
      """;

  private static final String SIGN_OFF =
      """
      UPDATE workers SET status = 'offline', status_reason = NULL, current_task_id = NULL
      WHERE id = :id AND incarnation = :incarnation
      """;

  private final JdbcClient jdbc;
  private final NamedParameterJdbcTemplate batches;

  Workers(JdbcClient jdbc, NamedParameterJdbcTemplate batches) {
    this.jdbc = jdbc;
    this.batches = batches;
  }

  /** Enters a worker, or takes its name over from an earlier incarnation. Safe to repeat. */
  public void register(Worker worker) {
    jdbc.sql(REGISTER)
        .param("id", worker.id())
        .param("backendType", worker.backendType())
        .param("incarnation", worker.incarnation())
        .param("capabilities", Columns.jsonb(worker.capabilities()))
        .param("metadata", Columns.jsonb(worker.metadata()))
        .update();
  }

  /**
   * Says that the workers are alive, and what each is busy with.
   *
   * @return ids of those that have been taken over by another incarnation
   */
  public List<String> beat(Collection<Worker.Pulse> pulses) {
    List<Worker.Pulse> all = List.copyOf(pulses);
    SqlParameterSource[] rows =
        all.stream()
            .map(
                pulse ->
                    new MapSqlParameterSource()
                        .addValue("id", pulse.workerId())
                        .addValue("incarnation", pulse.incarnation())
                        .addValue("taskId", pulse.currentTaskId())
                        .addValue("quarantine", Columns.storableOrNull(pulse.quarantine())))
            .toArray(SqlParameterSource[]::new);
    int[] updated = batches.batchUpdate(BEAT, rows);
    return java.util.stream.IntStream.range(0, updated.length)
        .filter(i -> updated[i] == 0)
        .mapToObj(i -> all.get(i).workerId())
        .toList();
  }

  /** A clean stop: offline at once, without waiting for the heartbeat to grow old. */
  public void signOff(String workerId, UUID incarnation) {
    jdbc.sql(SIGN_OFF).param("id", workerId).param("incarnation", incarnation).update();
  }
}

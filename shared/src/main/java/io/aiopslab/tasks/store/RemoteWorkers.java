package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Worker;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of workers that speak HTTP: entered only where nobody lives, and beaten one by one. */
@Repository
public class RemoteWorkers {
  private static final String ENTER =
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
                               THEN w.registered_at ELSE now() END,
          incarnations = w.incarnations + (w.incarnation <> EXCLUDED.incarnation)::int
      WHERE w.incarnation = EXCLUDED.incarnation OR w.status = 'offline'
         OR w.last_heartbeat_at < now() - make_interval(secs => :lostAfter)
      RETURNING registered_at < now() AS repeated
      """;

  private static final String BEAT =
      """
      WITH beaten AS (
        UPDATE workers
        SET last_heartbeat_at = now(), current_task_id = :taskId, status_reason = NULL,
            status = CASE WHEN CAST(:taskId AS uuid) IS NULL THEN 'idle' ELSE 'busy' END
        WHERE id = :id AND (CAST(:incarnation AS uuid) IS NULL OR incarnation = :incarnation)
        RETURNING id, registered_at, paused_at IS NOT NULL AS paused,
                  draining_at IS NOT NULL AS draining),
      heard AS (
        UPDATE remote_reports r SET unheard_since = NULL FROM beaten
        WHERE r.worker_id = beaten.id AND r.unheard_since >= beaten.registered_at
          AND (:all OR r.task_id = ANY(:ids)))
      SELECT paused, draining FROM beaten
      """;

  private static final String RUNNING =
      """
      SELECT id, session_id FROM tasks
      WHERE status = 'running' AND worker_id = :workerId ORDER BY id LIMIT 1000
      """;

  /** The one place where an HTTP worker's cancels come from. */
  private static final String TO_STOP =
      """
      SELECT id FROM tasks
      WHERE id = ANY(:ids) AND (status <> 'running' OR worker_id <> :workerId
                                OR cancel_requested_at IS NOT NULL)
      UNION
      SELECT id FROM tasks
      WHERE status = 'running' AND worker_id = :workerId AND cancel_requested_at IS NOT NULL
      """;

  private final JdbcClient jdbc;

  RemoteWorkers(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What became of a registration. */
  public enum Entry {
    /** A new worker, or a new life of one that was gone. */
    NEW,
    /** The same incarnation once more. */
    REPEATED,
    /** Another incarnation lives under that name: nothing was changed. */
    TAKEN
  }

  /** What an operator wants of a worker. */
  public record Order(boolean paused, boolean draining) {}

  /** A task that counts as running at a worker. */
  public record Running(UUID taskId, UUID sessionId) {}

  /**
   * Enters a worker unless another incarnation of that name is alive. Of two that try at once, one
   * wins.
   *
   * @param lostAfter how old a heartbeat has to be for its worker to count as gone
   */
  public Entry enter(Worker worker, Duration lostAfter) {
    return jdbc.sql(ENTER)
        .param("id", worker.id())
        .param("backendType", worker.backendType())
        .param("incarnation", worker.incarnation())
        .param("capabilities", Columns.jsonb(worker.capabilities()))
        .param("metadata", Columns.jsonb(worker.metadata()))
        .param("lostAfter", lostAfter.toMillis() / 1000.0)
        .query((row, n) -> row.getBoolean("repeated") ? Entry.REPEATED : Entry.NEW)
        .optional()
        .orElse(Entry.TAKEN);
  }

  /**
   * What its earlier lives claimed is not heard of by a beat of this one.
   *
   * @param incarnation null for whoever has the name
   * @param taskIds what it runs, or some of it
   * @param isAll whether it would have named every task that it runs: what it does not name, it has
   *     not heard of
   * @return empty if there is no such worker, or another incarnation has its name
   */
  public Optional<Order> beat(
      String id, @Nullable UUID incarnation, List<UUID> taskIds, boolean isAll) {
    return jdbc.sql(BEAT)
        .param("id", id)
        .param("incarnation", incarnation)
        .param("taskId", taskIds.isEmpty() ? null : taskIds.get(0))
        .param("ids", taskIds.toArray(UUID[]::new))
        .param("all", !isAll)
        .query((row, n) -> new Order(row.getBoolean("paused"), row.getBoolean("draining")))
        .optional();
  }

  /** What counts as running at a worker, whatever it says itself. */
  public List<Running> running(String workerId) {
    return jdbc.sql(RUNNING)
        .param("workerId", workerId)
        .query((row, n) -> new Running(Columns.uuid(row, "id"), Columns.uuid(row, "session_id")))
        .list();
  }

  /**
   * @param taskIds what the worker says that it runs
   * @return tasks that it has to stop: somebody wants them cancelled, or they are not its own any
   *     more
   */
  public List<UUID> toStop(String workerId, Collection<UUID> taskIds) {
    return jdbc.sql(TO_STOP)
        .param("workerId", workerId)
        .param("ids", taskIds.toArray(UUID[]::new))
        .query(UUID.class)
        .list();
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.RegisteredWorker;
import io.aiopslab.tasks.task.Worker;
import io.aiopslab.tasks.task.WorkerStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
                               THEN w.registered_at ELSE now() END,
          incarnations = w.incarnations + (w.incarnation <> EXCLUDED.incarnation)::int
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

  /** Who is being written to by somebody else is being heard of already. */
  private static final String HEAR =
      """
      WITH heard AS (
        SELECT w.id
        FROM unnest(CAST(:tasks AS uuid[]), CAST(:sessions AS uuid[])) AS run (task_id, session_id)
          JOIN tasks t ON t.id = run.task_id AND t.session_id = run.session_id
                      AND t.status = 'running'
          JOIN workers w ON w.id = t.worker_id
        WHERE w.registered_at <= t.started_at
          AND w.last_heartbeat_at < now() - interval '1 second'
        FOR NO KEY UPDATE OF w SKIP LOCKED)
      UPDATE workers SET last_heartbeat_at = now() FROM heard WHERE workers.id = heard.id
      """;

  private static final String SIGN_OFF =
      """
      UPDATE workers SET status = 'offline', status_reason = NULL, current_task_id = NULL
      WHERE id = :id AND incarnation = :incarnation
      """;

  private static final String SEEN =
      """
      WITH seen AS (
        SELECT id, backend_type, current_task_id, capabilities, metadata, registered_at,
               last_heartbeat_at, paused_at, draining_at, operator_reason,
               draining_at IS NOT NULL AND NOT EXISTS (
                 SELECT FROM tasks t WHERE t.status = 'running' AND t.worker_id = workers.id)
                 AS drained,
               CASE WHEN last_heartbeat_at < now() - make_interval(secs => :silence)
                    THEN 'offline' ELSE status END AS status,
               CASE WHEN last_heartbeat_at < now() - make_interval(secs => :silence)
                    THEN NULL ELSE status_reason END AS status_reason
        FROM workers
      )
      SELECT * FROM seen
      """;

  private static final String FIND = SEEN + "WHERE id = :id";

  private static final String LIST =
      SEEN
          + """
          WHERE (CAST(:status AS text) IS NULL OR status = :status)
            AND (CAST(:backendType AS text) IS NULL OR backend_type = :backendType)
            AND (CAST(:seenWithin AS double precision) IS NULL
                 OR last_heartbeat_at >= now() - make_interval(secs => :seenWithin))
          """;

  private static final String COUNT = "SELECT count(*) FROM (" + LIST + ") matching";

  private static final String PAGE =
      LIST
          + """
            AND (CAST(:after AS text) IS NULL OR id COLLATE "C" > :after)
          ORDER BY id COLLATE "C" LIMIT :limit
          """;

  private static final String ENDS =
      """
      SELECT count(*) FILTER (WHERE status = 'completed') AS completed,
             count(*) FILTER (WHERE status = 'failed') AS failed
      FROM (SELECT status FROM tasks WHERE worker_id = :id AND completed_at IS NOT NULL
            ORDER BY completed_at DESC LIMIT 10000) latest
      """;

  private static final long LARGEST_PAGE = 4L << 20;

  private final JdbcClient jdbc;
  private final NamedParameterJdbcTemplate batches;

  Workers(JdbcClient jdbc, NamedParameterJdbcTemplate batches) {
    this.jdbc = jdbc;
    this.batches = batches;
  }

  /**
   * Enters a worker, or takes its name over from an earlier incarnation. Safe to repeat; what an
   * operator has said of the worker stays.
   */
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

  /**
   * Whoever reports on a run that is his lives. What an earlier incarnation says of its runs is no
   * sign of life of the one that has its name now. Waits for nobody, and writes at most once a
   * second for each worker.
   *
   * @param runs session by task
   */
  public void hear(Map<UUID, UUID> runs) {
    if (runs.isEmpty()) {
      return;
    }
    List<Map.Entry<UUID, UUID>> all = List.copyOf(runs.entrySet());
    jdbc.sql(HEAR)
        .param("tasks", all.stream().map(Map.Entry::getKey).toArray(UUID[]::new))
        .param("sessions", all.stream().map(Map.Entry::getValue).toArray(UUID[]::new))
        .update();
  }

  /** A clean stop: offline at once, without waiting for the heartbeat to grow old. */
  public void signOff(String workerId, UUID incarnation) {
    jdbc.sql(SIGN_OFF).param("id", workerId).param("incarnation", incarnation).update();
  }

  /**
   * @param silence a worker that was not heard of for longer is offline, whatever it said last
   */
  public Optional<RegisteredWorker> find(String id, Duration silence) {
    return jdbc.sql(FIND)
        .param("id", id)
        .param("silence", seconds(silence))
        .query(Workers::read)
        .optional();
  }

  /**
   * Which workers are meant.
   *
   * @param status null for all
   * @param backendType null for all
   * @param seenWithin only those that were heard of since then; null for all
   * @param silence as in {@link #find}
   */
  public record Filter(
      @Nullable WorkerStatus status,
      @Nullable String backendType,
      @Nullable Duration seenWithin,
      Duration silence) {}

  /**
   * Workers by id, at most so many and about 4 MiB.
   *
   * @param after only those behind this id; null for the beginning
   */
  public Slice<RegisteredWorker> list(Filter filter, @Nullable String after, int limit) {
    return Slice.upTo(
        with(PAGE, filter).param("after", after).param("limit", limit + 1),
        limit,
        LARGEST_PAGE,
        Workers::read,
        "capabilities",
        "metadata");
  }

  /**
   * How its runs have ended.
   *
   * @param completed of its last 10,000
   * @param failed of the same
   */
  public record Ends(long completed, long failed) {}

  public Ends ends(String id) {
    return jdbc.sql(ENDS)
        .param("id", id)
        .query((row, n) -> new Ends(row.getLong("completed"), row.getLong("failed")))
        .single();
  }

  public long count(Filter filter) {
    return with(COUNT, filter).query(Long.class).single();
  }

  private JdbcClient.StatementSpec with(String sql, Filter filter) {
    return jdbc.sql(sql)
        .param("status", filter.status() == null ? null : filter.status().wire())
        .param("backendType", filter.backendType())
        .param("seenWithin", filter.seenWithin() == null ? null : seconds(filter.seenWithin()))
        .param("silence", seconds(filter.silence()));
  }

  private static RegisteredWorker read(ResultSet row, int rowNumber) throws SQLException {
    return new RegisteredWorker(
        Columns.text(row, "id"),
        Columns.text(row, "backend_type"),
        WorkerStatus.fromWire(Columns.text(row, "status")),
        row.getString("status_reason"),
        Columns.uuidOrNull(row, "current_task_id"),
        Columns.object(row, "capabilities"),
        Columns.object(row, "metadata"),
        Columns.instant(row, "registered_at"),
        Columns.instant(row, "last_heartbeat_at"),
        row.getObject("paused_at") != null,
        Columns.instantOrNull(row, "paused_at"),
        row.getObject("draining_at") != null,
        Columns.instantOrNull(row, "draining_at"),
        row.getBoolean("drained"),
        row.getString("operator_reason"));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.WorkerHistory;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What each worker has done lately; looks at a bounded number of tasks. */
@Repository
public class WorkerHistories {
  private static final int MOST_TASKS = 10_000;
  private static final int FAILURES = 5;

  private static final String RECENT =
      """
      SELECT t.id, t.status, t.problem_id, t.failure_code, t.error_details, t.started_at,
             t.completed_at
      FROM tasks t
      WHERE t.worker_id = :id AND t.completed_at > now() - make_interval(secs => :window)
      ORDER BY t.completed_at DESC
      LIMIT :most
      """;

  private static final String SUMMARY =
      """
      WITH recent AS MATERIALIZED (%s),
      span AS (
        SELECT greatest(now() - make_interval(secs => :window), w.first_registered_at,
                        CASE WHEN r.n >= :most THEN r.oldest END) AS since,
               r.n < :most AS complete, w.incarnations,
               CASE WHEN w.capabilities ->> 'max_parallel_tasks' ~ '^[1-9][0-9]{0,5}$'
                    THEN (w.capabilities ->> 'max_parallel_tasks')::int ELSE 1 END AS parallel
        FROM workers w, (SELECT count(*) AS n, min(completed_at) AS oldest FROM recent) r
        WHERE w.id = :id),
      ended AS (
        SELECT count(*) FILTER (WHERE status = 'completed') AS completed,
               count(*) FILTER (WHERE status = 'failed') AS failed,
               count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
               avg(reward) AS mean_reward, count(reward) AS rewards,
               count(success) AS graded, count(*) FILTER (WHERE success) AS solved,
               percentile_cont(ARRAY[0.5, 0.9, 0.99, 1.0]) WITHIN GROUP (
                 ORDER BY extract(epoch FROM completed_at - started_at)::double precision)
                 AS run_seconds,
               coalesce(sum(extract(epoch FROM completed_at
                 - least(completed_at, greatest(started_at, (SELECT since FROM span))))), 0)
                 AS busy
        FROM recent LEFT JOIN task_results ON task_id = recent.id),
      active AS (
        SELECT count(*) AS running,
               coalesce(sum(extract(epoch FROM now()
                 - greatest(started_at, (SELECT since FROM span)))), 0) AS busy
        FROM tasks WHERE status = 'running' AND worker_id = :id)
      SELECT ended.*, active.running, span.since, span.complete, span.incarnations,
             least(1, (ended.busy + active.busy)
               / nullif(extract(epoch FROM now() - span.since) * span.parallel, 0))
               ::double precision AS busy_share
      FROM span, ended, active
      """
          .formatted(RECENT);

  private static final String FAILED =
      "SELECT * FROM (%s) recent WHERE status = 'failed' ORDER BY completed_at DESC LIMIT :failures"
          .formatted(RECENT);

  private final JdbcClient jdbc;

  WorkerHistories(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param window how far to look back
   * @return empty if there is no such worker
   */
  public Optional<WorkerHistory> find(String id, Duration window) {
    return with(SUMMARY, id, window)
        .query((row, n) -> read(row, id, lastFailures(id, window)))
        .optional();
  }

  private List<WorkerHistory.FailedRun> lastFailures(String id, Duration window) {
    return with(FAILED, id, window)
        .param("failures", FAILURES)
        .query(
            (row, n) ->
                new WorkerHistory.FailedRun(
                    Columns.uuid(row, "id"),
                    Columns.text(row, "problem_id"),
                    FailureCode.fromWire(Columns.text(row, "failure_code")),
                    Columns.text(row, "error_details"),
                    Columns.instant(row, "completed_at")))
        .list();
  }

  private JdbcClient.StatementSpec with(String sql, String id, Duration window) {
    return jdbc.sql(sql)
        .param("id", id)
        .param("window", window.toMillis() / 1000.0)
        .param("most", MOST_TASKS);
  }

  private static WorkerHistory read(
      ResultSet row, String id, List<WorkerHistory.FailedRun> failures) throws SQLException {
    long completed = row.getLong("completed");
    long failed = row.getLong("failed");
    int incarnations = row.getInt("incarnations");
    return new WorkerHistory(
        id,
        Columns.instant(row, "since"),
        row.getBoolean("complete"),
        new WorkerHistory.Counts(
            completed, failed, row.getLong("cancelled"), row.getLong("running")),
        share(completed, completed + failed),
        share(row.getLong("solved"), row.getLong("graded")),
        row.getObject("mean_reward", Double.class),
        row.getLong("rewards"),
        runTime(row.getArray("run_seconds")),
        row.getObject("busy_share", Double.class),
        incarnations,
        incarnations - 1,
        failures);
  }

  private static @Nullable Double share(long part, long whole) {
    return whole == 0 ? null : (double) part / whole;
  }

  private static WorkerHistory.@Nullable RunTime runTime(@Nullable Array percentiles)
      throws SQLException {
    if (percentiles == null) {
      return null;
    }
    Double[] p = (Double[]) percentiles.getArray();
    return new WorkerHistory.RunTime(p[0], p[1], p[2], p[3]);
  }
}

package io.aiopslab.tasks.store;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** How long tasks of a backend lately waited and ran, so that a trainer can size its window. */
@Repository
public class BackendTimes {
  private static final int MOST_WORKERS = 200;
  private static final int RUNS_OF_A_WORKER = 50;
  private static final int MOST_PROBLEMS = 200;

  /** By way of the workers, whose last runs an index has: a bounded look at any size. */
  private static final String TIMES =
      """
      WITH lately AS (
        SELECT t.problem_id,
               extract(epoch FROM t.completed_at - t.started_at)::double precision AS run,
               extract(epoch FROM t.started_at - t.created_at)::double precision AS wait
        FROM (SELECT id FROM workers WHERE backend_type = :backendType
              ORDER BY last_heartbeat_at DESC LIMIT :workers) w
        CROSS JOIN LATERAL (
          SELECT t.problem_id, t.completed_at, t.started_at, t.created_at, t.backend_type
          FROM tasks t
          WHERE t.worker_id = w.id AND t.completed_at > now() - interval '24 hours'
          ORDER BY t.completed_at DESC LIMIT :runs) t
        WHERE t.backend_type = :backendType)
      SELECT problem_id, count(*) AS runs,
             percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY run) AS run,
             percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY wait) AS wait
      FROM lately GROUP BY problem_id ORDER BY count(*) DESC, problem_id LIMIT :problems
      """;

  private final JdbcClient jdbc;

  BackendTimes(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param runs how many these figures are of; times are in seconds
   */
  public record Times(
      String problemId, long runs, double runP50, double runP90, double waitP50, double waitP90) {}

  /**
   * Of the last 50 runs of each of up to 200 workers within 24 hours.
   *
   * @return by problem, the most frequent first, at most 200
   */
  public List<Times> lately(String backendType) {
    return jdbc.sql(TIMES)
        .param("backendType", backendType)
        .param("workers", MOST_WORKERS)
        .param("runs", RUNS_OF_A_WORKER)
        .param("problems", MOST_PROBLEMS)
        .query(
            (row, n) -> {
              Double[] run = (Double[]) row.getArray("run").getArray();
              Double[] wait = (Double[]) row.getArray("wait").getArray();
              return new Times(
                  Columns.text(row, "problem_id"),
                  row.getLong("runs"),
                  run[0],
                  run[1],
                  wait[0],
                  wait[1]);
            })
        .list();
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.TaskStatus;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Figures over the tasks of a span of time, from one look at each of them. */
@Repository
public class TaskStatistics {
  /** No count by problem, worker or backend names more than this: the most frequent ones. */
  public static final int MOST_NAMES = 100;

  private static final String FIGURES =
      """
      WITH meant AS MATERIALIZED (
        SELECT t.status, t.problem_id, t.worker_id, t.backend_type, r.success, r.reward,
               CAST(extract(epoch FROM t.completed_at - t.started_at) AS double precision) AS run,
               CAST(extract(epoch FROM t.started_at - t.created_at) AS double precision) AS wait
        FROM tasks t LEFT JOIN task_results r ON r.task_id = t.id
        WHERE {where}),
      figures AS (
        SELECT count(success) AS graded, count(*) FILTER (WHERE success) AS solved,
               count(reward) AS rewards, avg(reward) AS reward, count(run) AS runs,
               percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY run) AS run,
               count(wait) AS waits,
               percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY wait) AS wait
        FROM meant)
      SELECT 'status' AS kind, status AS name, CAST(count(*) AS double precision) AS value
      FROM meant GROUP BY status
      UNION ALL (SELECT 'problem', problem_id, count(*) FROM meant
                 GROUP BY problem_id ORDER BY 3 DESC, 2 LIMIT {most})
      UNION ALL (SELECT 'worker', worker_id, count(*) FROM meant WHERE worker_id IS NOT NULL
                 GROUP BY worker_id ORDER BY 3 DESC, 2 LIMIT {most})
      UNION ALL (SELECT 'backend', backend_type, count(*) FROM meant
                 GROUP BY backend_type ORDER BY 3 DESC, 2 LIMIT {most})
      UNION ALL
      SELECT 'figure', v.name, v.value
      FROM figures f, LATERAL (VALUES
        ('graded', f.graded), ('solved', f.solved), ('rewards', f.rewards), ('reward', f.reward),
        ('runs', f.runs), ('run50', f.run[1]), ('run90', f.run[2]), ('run99', f.run[3]),
        ('waits', f.waits), ('wait50', f.wait[1]), ('wait90', f.wait[2]), ('wait99', f.wait[3]))
        AS v (name, value)
      """
          .replace("{most}", String.valueOf(MOST_NAMES));

  private final JdbcClient jdbc;
  private final BoundedReads reads;

  TaskStatistics(JdbcClient jdbc, BoundedReads reads) {
    this.jdbc = jdbc;
    this.reads = reads;
  }

  /**
   * @param byStatus without those that no task is in
   * @param byProblem most frequent first, as the next two
   * @param graded tasks of which is known whether they were solved
   * @param reward mean of {@code rewards} rewards; null if there is none
   * @param run from start to end, of those that have ended, in seconds
   * @param waiting from submission to start, of those that were started, in seconds
   */
  public record Figures(
      Map<TaskStatus, Long> byStatus,
      Map<String, Long> byProblem,
      Map<String, Long> byWorker,
      Map<String, Long> byBackend,
      long graded,
      long solved,
      long rewards,
      @Nullable Double reward,
      Times run,
      Times waiting) {}

  /** Percentiles of {@code count} times, in seconds; null if there is none. */
  public record Times(
      long count, @Nullable Double p50, @Nullable Double p90, @Nullable Double p99) {}

  /** The database's clock, from which windows are reckoned. */
  public Instant now() {
    return jdbc.sql("SELECT now()").query(OffsetDateTime.class).single().toInstant();
  }

  /**
   * @throws TooSlowException if there are too many tasks to look at
   */
  public Figures over(TaskFilter filter) {
    Conditions conditions = Conditions.of(filter);
    return reads.read(
        () ->
            new FigureRows(
                    jdbc.sql(FIGURES.replace("{where}", conditions.where()))
                        .params(conditions.parameters())
                        .query(FigureRows::read)
                        .list())
                .figures());
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.BackendLoad;
import io.aiopslab.tasks.task.PlayableProblems;
import io.aiopslab.tasks.task.SupportedProblem;
import io.aiopslab.tasks.task.UnplayableTasks;
import io.aiopslab.tasks.task.UnsupportedProblem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * What each backend has to do and can do. The oldest that waits is looked for among the next in
 * line of each priority: the oldest of each of some dozen queues is there. Only partial indexes are
 * read, and of each a bounded part: it costs the same with ten million tasks as with ten.
 */
@Repository
public class BackendLoads {
  private static final int MOST_BACKENDS = 500;
  private static final int MOST_PENDING = 10_000;
  private static final int MOST_PROBLEMS = 2_000;

  private static final String FLEET =
      """
      bucketed AS (
        SELECT backend_type,
               CASE WHEN last_heartbeat_at < now() - make_interval(secs => :silence) THEN 'offline'
                    WHEN status = 'idle' AND (paused_at IS NOT NULL OR draining_at IS NOT NULL)
                    THEN 'paused' ELSE status END AS bucket
        FROM workers),
      fleet AS (
        SELECT backend_type,
               count(*) FILTER (WHERE bucket = 'idle') AS idle,
               count(*) FILTER (WHERE bucket = 'busy') AS busy,
               count(*) FILTER (WHERE bucket = 'quarantined') AS quarantined,
               count(*) FILTER (WHERE bucket = 'paused') AS paused,
               count(*) FILTER (WHERE bucket = 'offline') AS offline
        FROM bucketed GROUP BY backend_type)
      """;

  private static final String COLUMNS =
      """
      SELECT n.backend_type, pending.n AS pending, coalesce(active.n, 0) AS running,
             coalesce(fleet.idle, 0) AS idle, coalesce(fleet.busy, 0) AS busy,
             coalesce(fleet.quarantined, 0) AS quarantined, coalesce(fleet.paused, 0) AS paused,
             coalesce(fleet.offline, 0) AS offline, oldest.wait
      """;

  private static final String JOINED =
      """
      LEFT JOIN active USING (backend_type)
      LEFT JOIN fleet USING (backend_type)
      CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM (
          SELECT FROM tasks t
          WHERE t.status = 'pending' AND t.backend_type = n.backend_type
          LIMIT :mostPending + 1) counted) pending
      CROSS JOIN LATERAL (
        SELECT extract(epoch FROM now() - min(first.created_at))::double precision AS wait
        FROM generate_series(0, 10) AS level
        CROSS JOIN LATERAL (
          SELECT t.created_at FROM tasks t
          WHERE t.status = 'pending' AND t.backend_type = n.backend_type
            AND t.priority = level::smallint
          ORDER BY t.turn, t.created_at, t.id LIMIT 32) first) oldest
      """;

  private static final String LOADS =
      """
      WITH RECURSIVE waiting AS (
        (SELECT backend_type FROM tasks WHERE status = 'pending' ORDER BY backend_type LIMIT 1)
        UNION ALL
        SELECT (SELECT t.backend_type FROM tasks t
                WHERE t.status = 'pending' AND t.backend_type > w.backend_type
                ORDER BY t.backend_type LIMIT 1)
        FROM waiting w WHERE w.backend_type IS NOT NULL),
      active AS (
        SELECT backend_type, count(*) AS n FROM tasks WHERE status = 'running'
        GROUP BY backend_type),
      """
          + FLEET
          + """
          , names AS (
            SELECT backend_type FROM fleet
            UNION SELECT backend_type FROM active
            UNION SELECT backend_type FROM
              (SELECT backend_type FROM waiting WHERE backend_type IS NOT NULL LIMIT :most) w)
          """
          + COLUMNS
          + """
          FROM (SELECT backend_type FROM names ORDER BY backend_type COLLATE "C" LIMIT :most) n
          """
          + JOINED
          + """
          ORDER BY n.backend_type COLLATE "C"
          """;

  /** Of one backend, whether there is anything of it or not. */
  static final String LOAD =
      """
      WITH active AS (
        SELECT backend_type, count(*) AS n FROM tasks
        WHERE status = 'running' AND backend_type = :backendType
        GROUP BY backend_type),
      """
          + FLEET
          + COLUMNS
          + """
          FROM (SELECT CAST(:backendType AS text) AS backend_type) n
          """
          + JOINED;

  private static final String LIVE =
      "(w.status <> 'offline' AND w.last_heartbeat_at >= now() - make_interval(secs => :silence))";

  private static final String PROBLEMS =
      """
      WITH described AS (
        SELECT DISTINCT ON (d ->> 'id') d ->> 'id' AS problem, d ->> 'task_type' AS task_type,
               d ->> 'application' AS application, d ->> 'level' AS level
        FROM workers w
        CROSS JOIN LATERAL jsonb_array_elements(
          CASE WHEN jsonb_typeof(w.capabilities -> 'problems') = 'array'
               THEN w.capabilities -> 'problems' ELSE '[]' END) d
        WHERE jsonb_typeof(d) = 'object'
        ORDER BY d ->> 'id', w.last_heartbeat_at DESC)
      SELECT problem, min(task_type) AS task_type, min(application) AS application,
             min(level) AS level, bool_or(live) AS live,
             array_agg(DISTINCT backend_type ORDER BY backend_type) AS backends,
             array_agg(DISTINCT id ORDER BY id) AS workers
      FROM (SELECT w.id, w.backend_type, %s AS live,
                   jsonb_array_elements_text(w.capabilities -> 'supported_problems') AS problem
            FROM workers w WHERE %s) supported
      LEFT JOIN described USING (problem)
      GROUP BY problem ORDER BY problem COLLATE "C"
      """
          .formatted(LIVE, NamedProblems.ARE_THERE);

  private static final String UNSUPPORTED =
      """
      SELECT DISTINCT ON (d ->> 'id') d ->> 'id' AS problem, coalesce(d ->> 'reason', '') AS reason
      FROM workers w
      CROSS JOIN LATERAL jsonb_array_elements(
        CASE WHEN jsonb_typeof(w.capabilities -> 'unsupported_problems') = 'array'
             THEN w.capabilities -> 'unsupported_problems' ELSE '[]' END) d
      WHERE %s AND d ->> 'id' IS NOT NULL
      ORDER BY d ->> 'id'
      """
          .formatted(LIVE);

  private static final String PLAYABLE =
      """
      SELECT w.backend_type, bool_or((%s) IS NOT TRUE) AS takes_all,
             array_remove(array_agg(DISTINCT named.problem ORDER BY named.problem), NULL) AS problems
      FROM workers w
      LEFT JOIN LATERAL jsonb_array_elements_text(
        CASE WHEN %s THEN w.capabilities -> 'supported_problems' ELSE '[]' END)
        AS named(problem) ON true
      WHERE %s
      GROUP BY w.backend_type
      """
          .formatted(NamedProblems.ARE_THERE, NamedProblems.ARE_THERE, LIVE);

  /** Problem by problem, as in a loose index scan, so that it does not matter how many wait. */
  private static final String UNPLAYABLE =
      """
      WITH RECURSIVE fleet AS MATERIALIZED (%s),
      waiting AS (
        (SELECT 1 AS place, backend_type || ' ' || problem_id AS what FROM tasks
         WHERE status = 'pending' ORDER BY backend_type || ' ' || problem_id LIMIT 1)
        UNION ALL
        SELECT w.place + 1, n.what
        FROM waiting w CROSS JOIN LATERAL (
          SELECT t.backend_type || ' ' || t.problem_id AS what FROM tasks t
          WHERE t.status = 'pending' AND t.backend_type || ' ' || t.problem_id > w.what
          ORDER BY t.backend_type || ' ' || t.problem_id LIMIT 1) n
        WHERE w.place < :most),
      problems AS (
        SELECT what, split_part(what, ' ', 1) AS backend_type,
               substr(what, strpos(what, ' ') + 1) AS problem_id
        FROM waiting)
      SELECT backend_type, problem_id, (
        SELECT count(*) FROM (
          SELECT FROM tasks t
          WHERE t.status = 'pending' AND t.backend_type || ' ' || t.problem_id = problems.what
          LIMIT :mostPending) counted) AS pending
      FROM problems JOIN fleet USING (backend_type)
      WHERE NOT fleet.takes_all AND NOT problem_id = ANY(fleet.problems)
      ORDER BY backend_type, problem_id
      """
          .formatted(PLAYABLE);

  private static final String TAKING_ALL =
      """
      SELECT DISTINCT w.backend_type FROM workers w
      WHERE %s AND (%s) IS NOT TRUE ORDER BY w.backend_type
      """
          .formatted(LIVE, NamedProblems.ARE_THERE);

  private final JdbcClient jdbc;

  BackendLoads(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Every backend that has a worker, a running or a pending task; at most 500, by name.
   *
   * @param silence a worker that was not heard of for longer is offline
   */
  public List<BackendLoad> list(Duration silence) {
    return list(silence, MOST_PENDING);
  }

  /**
   * Of one backend, however many there are; all is zero if nobody knows it.
   *
   * @param silence a worker that was not heard of for longer is offline
   */
  public BackendLoad of(String backendType, Duration silence) {
    return jdbc.sql(LOAD)
        .param("backendType", backendType)
        .param("silence", seconds(silence))
        .param("mostPending", MOST_PENDING)
        .query((row, n) -> read(row, MOST_PENDING))
        .single();
  }

  /**
   * @param mostPending pending tasks of a backend are counted up to here
   */
  public List<BackendLoad> list(Duration silence, int mostPending) {
    return jdbc.sql(LOADS)
        .param("silence", seconds(silence))
        .param("most", MOST_BACKENDS)
        .param("mostPending", mostPending)
        .query((row, n) -> read(row, mostPending))
        .list();
  }

  /** What workers have named as problems that they can run, by id. */
  public List<SupportedProblem> problems(Duration silence) {
    return jdbc.sql(PROBLEMS)
        .param("silence", seconds(silence))
        .query(
            (row, n) ->
                new SupportedProblem(
                    Columns.text(row, "problem"),
                    row.getString("task_type"),
                    row.getString("application"),
                    level(row.getString("level")),
                    texts(row, "backends"),
                    texts(row, "workers"),
                    row.getBoolean("live")))
        .list();
  }

  /**
   * @return backends with a live worker that names no problems, because it takes all
   */
  public List<String> takingAll(Duration silence) {
    return jdbc.sql(TAKING_ALL).param("silence", seconds(silence)).query(String.class).list();
  }

  private static @Nullable Integer level(@Nullable String text) {
    return text != null && text.matches("[1-9]") ? Integer.valueOf(text) : null;
  }

  /** What live workers have named as problems that they know and cannot run, by id. */
  public List<UnsupportedProblem> unsupported(Duration silence) {
    return jdbc.sql(UNSUPPORTED)
        .param("silence", seconds(silence))
        .query(
            (row, n) ->
                new UnsupportedProblem(Columns.text(row, "problem"), Columns.text(row, "reason")))
        .list();
  }

  /** What live workers can play, by backend; a backend without one is left out. */
  public List<PlayableProblems> playable(Duration silence) {
    return jdbc.sql(PLAYABLE)
        .param("silence", seconds(silence))
        .query(
            (row, n) ->
                new PlayableProblems(
                    Columns.text(row, "backend_type"),
                    row.getBoolean("takes_all"),
                    texts(row, "problems")))
        .list();
  }

  /**
   * What waits for a problem that no live worker of its backend can play, by backend; of the first
   * 2,000 problems that anything waits for. A backend that has no live worker is left out.
   */
  public Map<String, List<UnplayableTasks>> unplayable(Duration silence) {
    Map<String, List<UnplayableTasks>> all = new HashMap<>();
    jdbc.sql(UNPLAYABLE)
        .param("silence", seconds(silence))
        .param("most", MOST_PROBLEMS)
        .param("mostPending", MOST_PENDING)
        .query(
            row -> {
              all.computeIfAbsent(Columns.text(row, "backend_type"), any -> new ArrayList<>())
                  .add(
                      new UnplayableTasks(Columns.text(row, "problem_id"), row.getLong("pending")));
            });
    return all;
  }

  private static BackendLoad read(ResultSet row, int mostPending) throws SQLException {
    long pending = row.getLong("pending");
    return new BackendLoad(
        Columns.text(row, "backend_type"),
        Math.min(pending, mostPending),
        pending <= mostPending,
        row.getLong("running"),
        new BackendLoad.Fleet(
            row.getLong("idle"),
            row.getLong("busy"),
            row.getLong("quarantined"),
            row.getLong("paused"),
            row.getLong("offline")),
        row.getObject("wait", Double.class));
  }

  private static List<String> texts(ResultSet row, String column) throws SQLException {
    return List.of((String[]) Objects.requireNonNull(row.getArray(column)).getArray());
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}

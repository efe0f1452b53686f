package io.aiopslab.tasks.store;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Ended tasks in the order in which readers see them. Positions are consecutive from 1, and a
 * position is committed after all before it: who has read up to one has missed nothing.
 */
@Repository
public class TrajectoryFeed {
  private static final String APPEND =
      "SELECT feed_trajectories(:most, make_interval(secs => :patience))";

  private static final String LAST = "SELECT coalesce(max(position), 0) FROM trajectory_feed";

  private static final String POSITION =
      "SELECT position FROM trajectory_feed WHERE task_id = :taskId";

  /** One row without a task at least, so that an empty page says too how far it has looked. */
  private static final String SCAN =
      """
      WITH looked AS MATERIALIZED (
        SELECT position, task_id, policy_version FROM trajectory_feed
        WHERE position > :after ORDER BY position LIMIT :looked),
      matching AS (
        SELECT f.position, f.task_id FROM looked f JOIN tasks t ON t.id = f.task_id
        WHERE {where} ORDER BY f.position LIMIT :limit)
      SELECT e.seen, e.last, m.position, m.task_id
      FROM (SELECT count(*) AS seen, coalesce(max(position), :after) AS last FROM looked) e
      LEFT JOIN matching m ON true ORDER BY m.position
      """;

  /**
   * The other way round: from the samples of a group, which are few, to their places, which takes
   * as many look-ups however long the feed is. {@code OFFSET 0} keeps the planner from reading it.
   */
  static final String OF_GROUP =
      """
      WITH matching AS (
        SELECT f.position, f.task_id FROM tasks t
        CROSS JOIN LATERAL (
          SELECT position, task_id, policy_version FROM trajectory_feed
          WHERE task_id = t.id OFFSET 0) f
        WHERE f.position > :after AND {where} ORDER BY f.position LIMIT :limit)
      SELECT 0 AS seen, e.last, m.position, m.task_id
      FROM (SELECT greatest(max(position), :after) AS last FROM trajectory_feed) e
      LEFT JOIN matching m ON true ORDER BY m.position
      """;

  private static final String POLICY = "f.policy_version >= :minPolicyVersion";

  private final JdbcClient jdbc;
  private final BoundedReads reads;

  TrajectoryFeed(JdbcClient jdbc, BoundedReads reads) {
    this.jdbc = jdbc;
    this.reads = reads;
  }

  /**
   * @param tasks which ended tasks
   * @param minPolicyVersion of the model's first answer; null for any, also for none
   */
  public record Filter(TaskFilter tasks, @Nullable BigDecimal minPolicyVersion) {}

  public record Place(long position, UUID taskId) {}

  /**
   * @param next where to go on: behind everything that has been looked at
   * @param more whether there may be more behind next
   */
  public record Page(List<Place> places, long next, boolean more) {}

  /**
   * Appends tasks that have ended, oldest first. Any number of callers may do so at once.
   *
   * @param patience how long one whose messages have not all arrived is held back
   * @return how many it appended; {@code most} if there may be more
   */
  public int append(int most, Duration patience) {
    return jdbc.sql(APPEND)
        .param("most", most)
        .param("patience", patience.toMillis() / 1000.0)
        .query(Integer.class)
        .single();
  }

  /** The last position that is taken; 0 while there is none. */
  public long last() {
    return jdbc.sql(LAST).query(Long.class).single();
  }

  /** Null while the task has none. */
  public @Nullable Long position(UUID taskId) {
    return jdbc.sql(POSITION).param("taskId", taskId).query(Long.class).optional().orElse(null);
  }

  /**
   * @param after the last position that has been seen; 0 for the beginning
   * @param limit most places to return
   * @param looked most positions to look at, when a filter leaves many out; that of a group looks
   *     at its samples alone, up to the end of the feed
   */
  public Page scan(long after, Filter filter, int limit, int looked) {
    Conditions conditions = Conditions.of(filter.tasks());
    Map<String, Object> parameters = new HashMap<>(conditions.parameters());
    String where = conditions.where();
    if (filter.minPolicyVersion() != null) {
      where += " AND " + POLICY;
      parameters.put("minPolicyVersion", filter.minPolicyVersion());
    }
    boolean all = conditions.isEmpty() && filter.minPolicyVersion() == null;
    int window = all ? limit : Math.max(limit, looked);
    parameters.put("after", after);
    parameters.put("limit", limit);
    parameters.put("looked", window);
    String way = filter.tasks().groupId() == null ? SCAN : OF_GROUP;
    String sql = way.replace("{where}", where);
    return reads.read(() -> scan(sql, parameters, limit, window));
  }

  private Page scan(String sql, Map<String, Object> parameters, int limit, int window) {
    List<Place> places = new ArrayList<>();
    long[] seenAndLast = new long[2];
    jdbc.sql(sql)
        .params(parameters)
        .query(
            row -> {
              seenAndLast[0] = row.getLong("seen");
              seenAndLast[1] = row.getLong("last");
              UUID task = Columns.uuidOrNull(row, "task_id");
              if (task != null) {
                places.add(new Place(row.getLong("position"), task));
              }
            });
    return places.size() == limit
        ? new Page(List.copyOf(places), places.get(limit - 1).position(), true)
        : new Page(List.copyOf(places), seenAndLast[1], seenAndLast[0] == window);
  }
}

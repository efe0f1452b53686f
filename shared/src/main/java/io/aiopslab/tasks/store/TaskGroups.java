package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.TaskGroup;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Groups of samples, and whether they are done. */
@Repository
public class TaskGroups {
  private static final String CREATE =
      "INSERT INTO task_groups (id, samples, early_stop) VALUES (:id, :samples, :earlyStop)";

  private static final String FIND =
      "SELECT id, early_stop, created_at, stopped_at FROM task_groups WHERE id = :id";

  /** The attempts of each sample, the first one first. */
  private static final String ATTEMPTS =
      """
      WITH RECURSIVE attempt AS (
        SELECT id, 0 AS place FROM tasks WHERE group_id = :id AND retry_of IS NULL
        UNION ALL
        SELECT t.id, a.place + 1 FROM attempt a
          JOIN tasks t ON t.retry_of = a.id AND t.group_id = :id)
      SELECT %s, r.reward FROM attempt a
        JOIN tasks t ON t.id = a.id
        LEFT JOIN task_results r ON r.task_id = t.id
      ORDER BY t.sample_index, a.place
      """
          .formatted(TaskRow.COLUMNS);

  private static final String HAS_OPEN =
      """
      EXISTS (SELECT FROM tasks t
              WHERE t.group_id = g.id AND t.status IN ('pending', 'running'))
      """;

  private static final String HAS_ENOUGH =
      """
      coalesce(g.early_stop <= (
        SELECT count(*) FROM tasks t JOIN task_results r ON r.task_id = t.id
        WHERE t.group_id = g.id AND t.status = 'completed' AND r.reward IS NOT NULL), false)
      """;

  private static final String DONE_AMONG =
      "SELECT g.id FROM task_groups g WHERE g.id = ANY(:ids) AND (%s OR NOT %s)"
          .formatted(HAS_ENOUGH, HAS_OPEN);

  private static final String STOP =
      """
      WITH done AS (
        SELECT g.id FROM task_groups g
        WHERE g.early_stop IS NOT NULL AND g.stopped_at IS NULL AND {which} AND (%s OR NOT %s)
        ORDER BY g.id LIMIT :limit
        FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE task_groups g SET stopped_at = now() FROM done WHERE g.id = done.id
      RETURNING g.id
      """
          .formatted(HAS_ENOUGH, HAS_OPEN);

  private static final String STOP_ANY = STOP.replace("{which}", "true");

  private static final String STOP_THOSE_OF =
      STOP.replace("{which}", "g.id IN (SELECT group_id FROM tasks WHERE id = ANY(:tasks))");

  private final JdbcClient jdbc;

  TaskGroups(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * To be called in the transaction that inserts the samples, before them.
   *
   * @param id from {@link TaskSubmissions#nextId}
   */
  public void create(UUID id, int samples, @Nullable Integer earlyStop) {
    jdbc.sql(CREATE)
        .param("id", id)
        .param("samples", samples)
        .param("earlyStop", earlyStop)
        .update();
  }

  public Optional<TaskGroup> find(UUID id) {
    return jdbc.sql(FIND)
        .param("id", id)
        .query(
            (row, n) ->
                new TaskGroup(
                    id,
                    row.getObject("early_stop", Integer.class),
                    Columns.instant(row, "created_at"),
                    Columns.instantOrNull(row, "stopped_at"),
                    samples(id)))
        .optional();
  }

  private List<TaskGroup.Sample> samples(UUID id) {
    Map<Integer, TaskGroup.Sample> samples = new LinkedHashMap<>();
    jdbc.sql(ATTEMPTS)
        .param("id", id)
        .query(
            row -> {
              TaskGroup.Sample attempt =
                  new TaskGroup.Sample(
                      TaskRow.read(row, 0), row.getObject("reward", Double.class), List.of());
              samples.merge(row.getInt("sample_index"), attempt, TaskGroup.Sample::retriedAs);
            });
    return List.copyOf(samples.values());
  }

  /**
   * @return those of {@code ids} that are done: see {@link TaskGroup#isDone}
   */
  public Set<UUID> doneAmong(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.sql(DONE_AMONG).param("ids", ids.toArray(UUID[]::new)).query(UUID.class).list());
  }

  /**
   * Takes groups that want no more samples off the list of those to be looked at. To be called in
   * the transaction that cancels what is left of them.
   *
   * @return their ids; each is given once
   */
  public List<UUID> stop(int limit) {
    return jdbc.sql(STOP_ANY).param("limit", limit).query(UUID.class).list();
  }

  /** As {@link #stop}, of the groups that these tasks are samples of. */
  public List<UUID> stopThoseOf(Collection<UUID> tasks) {
    return jdbc.sql(STOP_THOSE_OF)
        .param("tasks", tasks.toArray(UUID[]::new))
        .param("limit", tasks.size())
        .query(UUID.class)
        .list();
  }
}

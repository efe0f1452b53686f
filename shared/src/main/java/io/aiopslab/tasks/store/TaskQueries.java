package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Looks at tasks; changes nothing. */
@Repository
public class TaskQueries {
  private static final String FIND = "SELECT " + TaskRow.COLUMNS + " FROM tasks t WHERE id = :id";

  private static final String NEWEST_FIRST =
      """
      SELECT %s FROM tasks t
      WHERE CAST(:status AS text) IS NULL OR status = :status
      ORDER BY id DESC LIMIT :limit OFFSET :offset
      """
          .formatted(TaskRow.COLUMNS);

  private static final String COUNT =
      "SELECT count(*) FROM tasks WHERE CAST(:status AS text) IS NULL OR status = :status";

  private static final String FIND_ALL =
      "SELECT " + TaskRow.COLUMNS + " FROM tasks t WHERE id = ANY(:ids)";

  private static final String TERMINAL_AMONG =
      """
      SELECT id FROM tasks
      WHERE id = ANY(:ids) AND status IN ('completed', 'failed', 'cancelled')
      """;

  private final JdbcClient jdbc;

  TaskQueries(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  public Optional<Task> find(UUID id) {
    return jdbc.sql(FIND).param("id", id).query(TaskRow::read).optional();
  }

  /**
   * @return those that exist, in the order of the ids
   */
  public List<Task> findAll(List<UUID> ids) {
    Map<UUID, Task> found =
        jdbc
            .sql(FIND_ALL)
            .param("ids", ids.toArray(UUID[]::new))
            .query(TaskRow::read)
            .list()
            .stream()
            .collect(Collectors.toMap(Task::id, Function.identity()));
    return ids.stream().map(found::get).filter(Objects::nonNull).toList();
  }

  /**
   * @param status null for all
   */
  public List<Task> newestFirst(@Nullable TaskStatus status, int limit, long offset) {
    return jdbc.sql(NEWEST_FIRST)
        .param("status", status == null ? null : status.wire())
        .param("limit", limit)
        .param("offset", offset)
        .query(TaskRow::read)
        .list();
  }

  /**
   * @param status null for all
   */
  public long count(@Nullable TaskStatus status) {
    return jdbc.sql(COUNT)
        .param("status", status == null ? null : status.wire())
        .query(Long.class)
        .single();
  }

  /**
   * @return those of {@code ids} whose task has ended
   */
  public Set<UUID> terminalAmong(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.sql(TERMINAL_AMONG).param("ids", ids.toArray(UUID[]::new)).query(UUID.class).list());
  }
}

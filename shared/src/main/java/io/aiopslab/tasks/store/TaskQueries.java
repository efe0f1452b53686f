package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Task;
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
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Looks at tasks; changes nothing. */
@Repository
public class TaskQueries {
  private static final String FIND = "SELECT " + TaskRow.COLUMNS + " FROM tasks t WHERE id = :id";

  private static final String FIND_ALL =
      "SELECT " + TaskRow.COLUMNS + " FROM tasks t WHERE id = ANY(:ids)";

  private static final String TERMINAL_AMONG =
      """
      SELECT id FROM tasks
      WHERE id = ANY(:ids) AND status IN ('completed', 'failed', 'cancelled')
      """;

  private static final String OPEN_AMONG =
      "SELECT id FROM tasks WHERE id = ANY(:ids) AND status IN ('pending', 'running')";

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
   * @return those of {@code ids} whose task exists and has not ended
   */
  public Set<UUID> openAmong(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.sql(OPEN_AMONG).param("ids", ids.toArray(UUID[]::new)).query(UUID.class).list());
  }

  /**
   * @return those of {@code ids} whose task has ended
   */
  public Set<UUID> terminalAmong(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.sql(TERMINAL_AMONG).param("ids", ids.toArray(UUID[]::new)).query(UUID.class).list());
  }
}

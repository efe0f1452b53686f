package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.Task;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Interactive sessions: tasks whose agent is somewhere else. */
@Repository
public class Sessions {
  private static final String FIND =
      """
      SELECT %s, b.description, b.instructions, b.actions, b.at AS opened_at, last.index AS last_index, last.answered_at
      FROM tasks t
      LEFT JOIN task_briefings b ON b.task_id = t.id
      LEFT JOIN LATERAL (
        SELECT index, answered_at FROM session_actions WHERE task_id = t.id
        ORDER BY index DESC LIMIT 1) last ON true
      WHERE t.id = :id AND t.agent_config ->> 'agent' = 'external'
      """
          .formatted(TaskRow.COLUMNS);

  private static final String OPEN_AMONG =
      "SELECT task_id FROM task_briefings WHERE task_id = ANY(:ids)";

  private static final String AHEAD =
      """
      SELECT count(*) FROM (
        SELECT FROM tasks
        WHERE status = 'pending' AND backend_type = :backendType
          AND (priority > :priority OR priority = :priority
               AND (turn, created_at, id)
                   < (SELECT s.turn, s.created_at, s.id FROM tasks s WHERE s.id = :id))
        LIMIT :most) ahead
      """;

  private final JdbcClient jdbc;

  Sessions(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param briefing null until it can be stepped
   * @param openedAt since when it can be, by the worker's clock
   * @param lastIndex of the newest action; -1 if there was none
   * @param answeredAt when that one was answered; null if it was not, or there was none
   */
  public record Known(
      Task task,
      @Nullable Briefing briefing,
      @Nullable Instant openedAt,
      int lastIndex,
      @Nullable Instant answeredAt) {

    /** Whether an action is with the run that has no answer yet. */
    public boolean isStepping() {
      return lastIndex >= 0 && answeredAt == null;
    }
  }

  /** The task of that id, if it is a session. */
  public Optional<Known> find(UUID id) {
    return jdbc.sql(FIND).param("id", id).query(Sessions::known).optional();
  }

  /**
   * @return those of {@code ids} that can be stepped, or could be once
   */
  public Set<UUID> openAmong(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.sql(OPEN_AMONG).param("ids", ids.toArray(UUID[]::new)).query(UUID.class).list());
  }

  /**
   * @return how many pending tasks of its backend come before it, counted up to {@code most}
   */
  public int ahead(Task pending, int most) {
    return jdbc.sql(AHEAD)
        .param("backendType", pending.spec().backendType())
        .param("priority", pending.spec().priority())
        .param("id", pending.id())
        .param("most", most)
        .query(Integer.class)
        .single();
  }

  private static Known known(ResultSet row, int rowNumber) throws SQLException {
    Integer last = row.getObject("last_index", Integer.class);
    return new Known(
        TaskRow.read(row, rowNumber),
        row.getString("description") == null ? null : RunBriefings.read(row),
        Columns.instantOrNull(row, "opened_at"),
        last == null ? -1 : last,
        Columns.instantOrNull(row, "answered_at"));
  }
}

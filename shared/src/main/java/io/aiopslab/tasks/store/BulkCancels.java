package io.aiopslab.tasks.store;

import io.aiopslab.tasks.store.TaskCancels.Order;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** As {@link TaskCancels#cancelPending} and {@link TaskCancels#request}, for many at once. */
@Repository
public class BulkCancels {
  /**
   * Through what waits and what runs, each by its own index: however many have ended, they are not
   * read. {@code OFFSET 0} keeps the planner from walking all tasks in the order of their ids.
   */
  static final String OPEN =
      """
      SELECT id FROM (
        (SELECT t.id FROM tasks t
         WHERE t.status = 'pending' AND t.cancel_requested_at IS NULL AND {where} OFFSET 0)
        UNION ALL
        (SELECT t.id FROM tasks t
         WHERE t.status = 'running' AND t.cancel_requested_at IS NULL AND {where} OFFSET 0)) open
      ORDER BY id LIMIT :limit
      """;

  private static final String THESE =
      """
      WITH meant AS MATERIALIZED (
        SELECT t.id FROM tasks t
        WHERE t.id = ANY(:ids) AND t.status IN ('pending', 'running')
          AND t.cancel_requested_at IS NULL
        ORDER BY t.id
        FOR NO KEY UPDATE)
      UPDATE tasks t
      SET status = CASE t.status WHEN 'pending' THEN 'cancelled' ELSE t.status END,
          completed_at = CASE t.status WHEN 'pending' THEN now() END,
          changed_by = CASE t.status WHEN 'pending' THEN :by ELSE t.changed_by END,
          cancel_requested_at = now(), cancel_reason = :reason
      FROM meant WHERE t.id = meant.id
      RETURNING t.id, t.backend_type, t.session_id, t.worker_id
      """;

  private final JdbcClient jdbc;

  BulkCancels(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What became of many.
   *
   * @param pending how many are cancelled now, by backend
   * @param running those that are to end
   */
  public record Many(Map<String, Integer> pending, List<Order> running) {
    public int cancelled() {
      return pending.values().stream().mapToInt(Integer::intValue).sum();
    }

    public int size() {
      return cancelled() + running.size();
    }
  }

  /**
   * Those that match, have not ended, and whose end was not asked for before.
   *
   * @return ids in order of submission, at most {@code limit}
   */
  public List<UUID> open(TaskFilter filter, int limit) {
    Conditions conditions = Conditions.of(filter);
    return jdbc.sql(OPEN.replace("{where}", conditions.where()))
        .params(conditions.parameters())
        .param("limit", limit)
        .query(UUID.class)
        .list();
  }

  /**
   * Cancels those of {@code ids} that have not ended meanwhile; those whose end was asked for
   * before are not counted again.
   *
   * @param by who did it, as told by the transitions
   */
  public Many cancel(Collection<UUID> ids, String by, @Nullable String reason) {
    Map<String, Integer> pending = new HashMap<>();
    List<Order> running = new ArrayList<>();
    jdbc.sql(THESE)
        .param("ids", ids.toArray(UUID[]::new))
        .param("by", by)
        .param("reason", Columns.storableOrNull(reason))
        .query(
            row -> {
              UUID session = Columns.uuidOrNull(row, "session_id");
              if (session == null) {
                pending.merge(Columns.text(row, "backend_type"), 1, Integer::sum);
              } else {
                running.add(
                    new Order(Columns.text(row, "worker_id"), Columns.uuid(row, "id"), session));
              }
            });
    return new Many(pending, running);
  }
}

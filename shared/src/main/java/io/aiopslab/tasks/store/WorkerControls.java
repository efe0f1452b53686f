package io.aiopslab.tasks.store;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What operators say of workers: whether they may take tasks. Claims obey it. */
@Repository
public class WorkerControls {
  private static final String PAUSE =
      """
      UPDATE workers SET paused_at = coalesce(paused_at, now()),
                         operator_reason = coalesce(CAST(:reason AS text), operator_reason)
      WHERE id = :id
      """;

  private static final String DRAIN =
      """
      UPDATE workers SET draining_at = coalesce(draining_at, now()),
                         operator_reason = coalesce(CAST(:reason AS text), operator_reason)
      WHERE id = :id
      """;

  private static final String RESUME =
      "UPDATE workers SET paused_at = NULL, draining_at = NULL, operator_reason = NULL WHERE id = :id";

  private static final String HELD =
      """
      SELECT id FROM workers
      WHERE id = ANY(:ids) AND (paused_at IS NOT NULL OR draining_at IS NOT NULL)
      """;

  private final JdbcClient jdbc;

  WorkerControls(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Lets a worker take no task until it is resumed. A repeat keeps the first time.
   *
   * @param reason null leaves the reason as it is
   * @return whether there is such a worker
   */
  public boolean pause(String id, @Nullable String reason) {
    return change(PAUSE, id, reason);
  }

  /** Lets a worker finish what runs and take no more; otherwise as {@link #pause}. */
  public boolean drain(String id, @Nullable String reason) {
    return change(DRAIN, id, reason);
  }

  /**
   * Ends pause and drain.
   *
   * @return whether there is such a worker
   */
  public boolean resume(String id) {
    return jdbc.sql(RESUME).param("id", id).update() == 1;
  }

  private boolean change(String sql, String id, @Nullable String reason) {
    return jdbc.sql(sql).param("id", id).param("reason", Columns.storableOrNull(reason)).update()
        == 1;
  }

  /**
   * @return those of {@code ids} that are paused or draining
   */
  public Set<String> heldAmong(Collection<String> ids) {
    return new HashSet<>(
        jdbc.sql(HELD).param("ids", ids.toArray(String[]::new)).query(String.class).list());
  }
}

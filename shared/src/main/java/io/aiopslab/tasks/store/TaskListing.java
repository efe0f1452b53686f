package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Task;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Pages of tasks, at a cost that does not grow with the table.
 *
 * <p>PostgreSQL cannot be left to guess how rare the tasks of a filter are: where it guesses wrong,
 * it looks for them in every row. So it is told which of three ways to go.
 */
@Repository
public class TaskListing {
  /** Nothing is counted further than this. */
  public static final int COUNTED = 10_000;

  /** In characters of what was submitted, about as many bytes. */
  private static final long LARGEST_PAGE = 4L << 20;

  private static final String COUNT =
      "SELECT count(*) FROM (SELECT FROM tasks t WHERE {where} LIMIT " + (COUNTED + 1) + ") AS c";

  /** Finds all, then sorts them. */
  private static final String OF_FEW =
      """
      WITH few AS MATERIALIZED (SELECT t.id, t.priority FROM tasks t WHERE {where}),
      page AS (SELECT t.id FROM few t WHERE {behind} ORDER BY {order} LIMIT :limit OFFSET :offset)
      SELECT {columns} FROM tasks t JOIN page ON page.id = t.id ORDER BY {order}
      """;

  /** Follows an index that has them in this order; each filter has one, except metadata. */
  private static final String OF_MANY =
      """
      SELECT {columns} FROM tasks t WHERE {where} AND {behind}
      ORDER BY {order} LIMIT :limit OFFSET :offset
      """;

  /** Looks for them among the next tasks of any kind, and no further. */
  private static final String NEAR =
      """
      SELECT {columns}
      FROM (SELECT * FROM tasks t WHERE {behind} ORDER BY {order} LIMIT 50000) t
      WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset
      """;

  private final JdbcClient jdbc;
  private final BoundedReads reads;

  TaskListing(JdbcClient jdbc, BoundedReads reads) {
    this.jdbc = jdbc;
    this.reads = reads;
  }

  /**
   * The last task that has been seen.
   *
   * @param priority as it was submitted; it never changes
   */
  public record Seen(int priority, UUID id) {}

  /**
   * @param offset tasks to skip; each of them costs
   * @param after what has been seen before this page; null at the beginning
   */
  public record Slice(TaskOrder order, int limit, long offset, @Nullable Seen after) {}

  /**
   * At most as many as were asked for, and about 4 MiB.
   *
   * @param more whether there are tasks behind these
   * @param total all that match, on this page or not, counted up to {@link #COUNTED}
   * @param totalExact false if there are more than {@code total}
   */
  public record Page(List<Task> tasks, boolean more, long total, boolean totalExact) {}

  /**
   * @throws TooSlowException if the filter makes PostgreSQL look at too many rows
   */
  public Page read(TaskFilter filter, Slice slice) {
    Conditions conditions = Conditions.of(filter);
    return reads.read(() -> read(conditions, slice));
  }

  private Page read(Conditions conditions, Slice slice) {
    long counted =
        jdbc.sql(COUNT.replace("{where}", conditions.where()))
            .params(conditions.parameters())
            .query(Long.class)
            .single();
    boolean exact = counted <= COUNTED;
    var tasks = tasks(conditions, slice, exact);
    return new Page(tasks.rows(), tasks.more(), Math.min(counted, COUNTED), exact);
  }

  private io.aiopslab.tasks.store.Slice<Task> tasks(
      Conditions conditions, Slice slice, boolean few) {
    if (conditions.isEmpty()) {
      return tasks(OF_MANY, conditions, slice);
    }
    if (few) {
      return tasks(OF_FEW, conditions, slice);
    }
    if (!conditions.haveMetadata()) {
      return tasks(OF_MANY, conditions, slice);
    }
    var near = tasks(NEAR, conditions, slice);
    return near.more() ? near : tasks(OF_FEW, conditions, slice);
  }

  private io.aiopslab.tasks.store.Slice<Task> tasks(
      String way, Conditions conditions, Slice slice) {
    JdbcClient.StatementSpec statement =
        jdbc.sql(
                way.replace("{columns}", TaskRow.COLUMNS)
                    .replace("{where}", conditions.where())
                    .replace(
                        "{behind}", slice.after() == null ? "true" : slice.order().behindLast())
                    .replace("{order}", slice.order().orderBy()))
            .params(conditions.parameters())
            .param("limit", slice.limit() + 1)
            .param("offset", slice.offset());
    if (slice.after() != null) {
      statement =
          statement
              .param("lastId", slice.after().id())
              .param("lastPriority", slice.after().priority());
    }
    return io.aiopslab.tasks.store.Slice.upTo(
        statement, slice.limit(), LARGEST_PAGE, TaskRow::read, "agent_config", "metadata");
  }
}

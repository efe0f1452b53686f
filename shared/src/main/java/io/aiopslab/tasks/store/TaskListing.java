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
 * <p>A filter that few tasks meet is looked up by its index and sorted; one that many meet is
 * checked along the order that is asked for, where a page of them is soon found. PostgreSQL cannot
 * be left to guess which it is: along the order, the rare ones would be looked for in every row.
 * What many tasks meet, but only ones far down the order, is slow when no index is in that order
 * too, as with metadata: a span of time helps.
 */
@Repository
public class TaskListing {
  /** Nothing is counted further than this. */
  public static final int COUNTED = 10_000;

  private static final String COUNT =
      "SELECT count(*) FROM (SELECT FROM tasks t WHERE %s LIMIT " + (COUNTED + 1) + ") AS counted";

  private static final String PAGE_OF_MANY =
      "SELECT "
          + TaskRow.COLUMNS
          + " FROM tasks t WHERE %s AND %s ORDER BY %s LIMIT :limit OFFSET :offset";

  private static final String PAGE_OF_FEW =
      """
      WITH few AS MATERIALIZED (SELECT t.id, t.priority FROM tasks t WHERE %s),
      page AS (SELECT t.id FROM few t WHERE %s ORDER BY %s LIMIT :limit OFFSET :offset)
      SELECT {columns} FROM tasks t JOIN page ON page.id = t.id ORDER BY %s
      """
          .replace("{columns}", TaskRow.COLUMNS);

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
        jdbc.sql(COUNT.formatted(conditions.where()))
            .params(conditions.parameters())
            .query(Long.class)
            .single();
    boolean exact = counted <= COUNTED;
    List<Task> tasks = tasks(conditions, slice, exact && !conditions.isEmpty());
    boolean more = tasks.size() > slice.limit();
    return new Page(
        more ? tasks.subList(0, slice.limit()) : tasks, more, Math.min(counted, COUNTED), exact);
  }

  /** One more than the limit, if there are. */
  private List<Task> tasks(Conditions conditions, Slice slice, boolean few) {
    String where = conditions.where();
    String behind = slice.after() == null ? "true" : slice.order().behindLast();
    String order = slice.order().orderBy();
    JdbcClient.StatementSpec statement =
        jdbc.sql(
                few
                    ? PAGE_OF_FEW.formatted(where, behind, order, order)
                    : PAGE_OF_MANY.formatted(where, behind, order))
            .params(conditions.parameters())
            .param("limit", slice.limit() + 1)
            .param("offset", slice.offset());
    if (slice.after() != null) {
      statement =
          statement
              .param("lastId", slice.after().id())
              .param("lastPriority", slice.after().priority());
    }
    return statement.query(TaskRow::read).list();
  }
}

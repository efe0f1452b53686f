package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.store.TaskListing.Page;
import io.aiopslab.tasks.store.TaskListing.Seen;
import io.aiopslab.tasks.store.TaskListing.Slice;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskListingIT {
  private static final String MASS =
      """
      INSERT INTO tasks (id, problem_id, backend_type, priority, max_steps, timeout_minutes,
                         agent_config, metadata, changed_by, created_at)
      SELECT CAST(left(CAST(first_uuid_at(at) AS text), 24)
                  || right(CAST(gen_random_uuid() AS text), 12) AS uuid),
             'mass', 'mass', 5, 1, 1, '{}', CAST(:metadata AS jsonb), 'test', at
      FROM (SELECT CAST(:day AS timestamptz) + n * interval '1 ms' AS at
            FROM generate_series(1, :size) AS n) AS moments
      """;

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void listsByStatusOrderAndPage() {
    Task completed = store.completed();
    Task running = store.running();
    Task older = store.pending();
    Task newer = store.pending();
    TaskFilter all = TaskFilter.created(null, null);
    assertThat(page(all, 10, 0).tasks()).containsExactly(newer, older, running, completed);
    assertThat(page(all, 2, 1).tasks()).containsExactly(older, running);
    assertThat(page(all, 2, 1).more()).isTrue();
    assertThat(page(all, 2, 2).more()).isFalse();
    TaskFilter pending =
        new TaskFilter(
            Set.of(),
            Set.of(TaskStatus.PENDING),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            Map.of());
    assertThat(page(pending, 10, 0).tasks()).containsExactly(newer, older);
    assertThat(page(pending, 1, 0).total()).isEqualTo(2);
  }

  /** More than are counted, and further away than is looked without an index. */
  @Test
  void manyOfLongAgoAreFoundByTheirMetadata() {
    insert(TaskListing.COUNTED + 1, "2025-01-01T00:00:00Z", "{\"experiment\": \"old\"}");
    insert(50_000, "2025-01-02T00:00:00Z", "{\"experiment\": \"new\"}");
    for (String experiment : new String[] {"old", "new"}) {
      TaskFilter filter =
          new TaskFilter(
              Set.of(),
              Set.of(),
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              Map.of("experiment", experiment));
      Page first = page(filter, 20, 0);
      assertThat(first.tasks()).hasSize(20);
      assertThat(first.totalExact()).isFalse();
      Task last = first.tasks().get(19);
      Seen seen = new Seen(5, last.id());
      Page second = store.listing.read(filter, new Slice(TaskOrder.NEWEST_FIRST, 20, 0, seen));
      assertThat(second.tasks()).hasSize(20).doesNotContainAnyElementsOf(first.tasks());
      assertThat(second.tasks().get(0).createdAt()).isBefore(last.createdAt());
    }
  }

  private Page page(TaskFilter filter, int limit, long offset) {
    return store.listing.read(filter, new Slice(TaskOrder.NEWEST_FIRST, limit, offset, null));
  }

  private void insert(int size, String day, String metadata) {
    store.sql.sql(MASS).param("metadata", metadata).param("day", day).param("size", size).update();
  }
}

package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.store.TaskListing;
import io.aiopslab.tasks.store.TaskListing.Seen;
import io.aiopslab.tasks.store.TaskListing.Slice;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.view.TaskSummary;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of tasks.
 *
 * @param nextCursor null if nothing is behind it
 */
record TaskList(
    List<TaskSummary> tasks,
    @Schema(
            description = "All that match, on this page or not; counted up to 10000",
            example = "1234")
        long total,
    @Schema(description = "False if there are more than total") boolean totalExact,
    @Schema(example = "20") int limit,
    @Schema(example = "0") long offset,
    @Schema(
            nullable = true,
            description = "What to pass as cursor for the next page; null at the end")
        @Nullable String nextCursor) {

  /**
   * @param unplayable why a task waits in vain
   */
  static TaskList of(
      TaskListing.Page page,
      TaskFilter filter,
      Slice slice,
      Function<Task, @Nullable String> unplayable) {
    return new TaskList(
        page.tasks().stream().map(task -> TaskSummary.of(task, unplayable.apply(task))).toList(),
        page.total(),
        page.totalExact(),
        slice.limit(),
        slice.offset(),
        page.more() ? cursor(page.tasks(), filter, slice) : null);
  }

  private static String cursor(List<Task> tasks, TaskFilter filter, Slice slice) {
    Task last = tasks.get(tasks.size() - 1);
    return PageCursor.behind(new Seen(last.spec().priority(), last.id()), slice.order(), filter);
  }
}

package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.store.RunProgress;
import io.aiopslab.tasks.store.Slice;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.view.CallbackView;
import io.aiopslab.tasks.view.ProgressView;
import io.aiopslab.tasks.view.TaskSummary;
import io.aiopslab.tasks.view.TaskView;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** One task with everything that is asked for of it. */
@Component
public class ReadTask {
  private static final int MOST_LINES = 1000;

  private final TaskQueries tasks;
  private final RunProgress progress;
  private final TaskResults results;
  private final TaskLogs logs;
  private final CallbackDeliveries callbacks;
  private final WarnOfUnplayable warnings;

  ReadTask(
      TaskQueries tasks,
      RunProgress progress,
      TaskResults results,
      TaskLogs logs,
      CallbackDeliveries callbacks,
      WarnOfUnplayable warnings) {
    this.tasks = tasks;
    this.progress = progress;
    this.results = results;
    this.logs = logs;
    this.callbacks = callbacks;
    this.warnings = warnings;
  }

  /**
   * @throws Refusal if there is no such task
   */
  public Task find(UUID id) {
    return tasks
        .find(id)
        .orElseThrow(
            () ->
                Refusal.notFound(
                    "task_not_found",
                    "There is no task %s; GET /api/v1/tasks lists those that exist."
                        .formatted(id)));
  }

  TaskView view(UUID id, boolean withLogs) {
    return view(find(id), withLogs);
  }

  public TaskView view(Task task, boolean withLogs) {
    Slice<LogLine> lines = withLogs ? firstLines(task.id()) : null;
    return new TaskView(
        TaskSummary.of(task, warnings.ofWaiting(task)),
        progress(task),
        task.status().isTerminal() ? results.find(task.id()).orElse(null) : null,
        callback(task),
        lines == null ? null : lines.rows(),
        lines == null ? null : lines.more());
  }

  private @Nullable CallbackView callback(Task task) {
    String url = task.spec().callbackUrl();
    if (url == null) {
      return null;
    }
    return callbacks
        .find(task.id())
        .map(CallbackView::of)
        .orElseGet(() -> CallbackView.notYet(url));
  }

  private @Nullable ProgressView progress(Task task) {
    if (task.status() != TaskStatus.RUNNING) {
      return null;
    }
    int maxSteps = task.spec().maxSteps();
    return progress
        .find(task.id())
        .map(known -> ProgressView.of(known, maxSteps))
        .orElseGet(() -> ProgressView.silent(maxSteps));
  }

  private Slice<LogLine> firstLines(UUID id) {
    return logs.slice(
        id, new TaskLogs.Page(-1, null, LogLevel.DEBUG, MOST_LINES), PageSize.MOST_BYTES);
  }
}

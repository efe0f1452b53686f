package io.aiopslab.tasks.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task with what its run has left behind so far.
 *
 * @param progress only while the task runs
 * @param result null until there is one
 * @param callback only where the task has a callback_url
 * @param logs only where they were asked for
 */
@Schema(name = "Task", description = "A task, its progress while it runs, and its result")
public record TaskView(
    @JsonUnwrapped TaskSummary summary,
    @Schema(description = "Only while the task runs") @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable ProgressView progress,
    @Schema(nullable = true, description = "Null until the run has reported its end")
        @Nullable TaskResult result,
    @Schema(description = "Only where the task has a callback_url")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable CallbackView callback,
    @Schema(description = "With include_logs=true: the first 1,000 lines")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable List<LogLine> logs,
    @Schema(description = "With include_logs=true: whether there are more lines than these")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable Boolean logsTruncated) {

  /** A task that has just been submitted. */
  public static TaskView fresh(Task task) {
    String callbackUrl = task.spec().callbackUrl();
    CallbackView callback = callbackUrl == null ? null : CallbackView.notYet(callbackUrl);
    return new TaskView(TaskSummary.of(task), null, null, callback, null, null);
  }
}

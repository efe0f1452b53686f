package io.aiopslab.tasks.api.look;

import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.view.TaskSummary;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Tasks, newest first. */
@RestController
@Tag(name = "tasks")
class ListTasks {
  private final TaskQueries tasks;

  ListTasks(TaskQueries tasks) {
    this.tasks = tasks;
  }

  @Schema(name = "TaskList")
  record TaskList(
      List<TaskSummary> tasks,
      @Schema(description = "All that match, on this page or not", example = "1234") long total,
      @Schema(example = "20") int limit,
      @Schema(example = "0") long offset) {}

  @Operation(
      summary = "List tasks, newest first",
      description = "Without results and progress: look at a single task for these.")
  @ApiResponse(responseCode = "200", description = "A page of tasks")
  @GetMapping(path = "/api/v1/tasks", produces = MediaType.APPLICATION_JSON_VALUE)
  TaskList list(
      @Parameter(description = "Only tasks in this status")
          @RequestParam(name = "status", required = false)
          @Nullable TaskStatus status,
      @RequestParam(name = "limit", defaultValue = "20")
          @Range(min = 1, max = 100, message = "must be between 1 and 100")
          int limit,
      @RequestParam(name = "offset", defaultValue = "0")
          @Range(min = 0, message = "must be at least 0")
          long offset) {
    List<TaskSummary> page =
        tasks.newestFirst(status, limit, offset).stream().map(TaskSummary::of).toList();
    return new TaskList(page, tasks.count(status), limit, offset);
  }
}

package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.store.Slice;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A task's log, page by page. */
@RestController
@Tag(name = "tasks")
class ReadLogs {
  private final ReadTask read;
  private final TaskLogs logs;

  ReadLogs(ReadTask read, TaskLogs logs) {
    this.read = read;
    this.logs = logs;
  }

  /**
   * @param next null at the end of a finished task
   */
  @Schema(name = "TaskLogs")
  record LogPage(
      UUID taskId,
      List<LogLine> logs,
      @Schema(
              nullable = true,
              description =
                  "What to pass as after for the next page; null at the end of a finished task",
              example = "199")
          @Nullable Long next) {}

  @Operation(
      summary = "Read a task's log",
      description =
          "Lines in order of seq, at most limit and about 4 MiB. Pass next as after until it is null:"
              + " while the task can still write lines it never is, so the same loop follows a"
              + " running task.")
  @ApiResponse(responseCode = "200", description = "A page of lines")
  @GetMapping(path = "/api/v1/tasks/{id}/logs", produces = MediaType.APPLICATION_JSON_VALUE)
  LogPage logs(
      @PathVariable("id") UUID id,
      @Parameter(description = "The least severe level to return")
          @RequestParam(name = "level", defaultValue = "debug")
          LogLevel level,
      @Parameter(description = "Only lines written then or later", example = "2026-11-23T08:00:00Z")
          @RequestParam(name = "since", required = false)
          @Nullable Instant since,
      @Parameter(description = "Only lines behind this seq; -1 for the beginning")
          @RequestParam(name = "after", defaultValue = "-1")
          @Range(min = -1, message = "must be at least -1")
          long after,
      @RequestParam(name = "limit", defaultValue = "200")
          @Range(min = 1, max = 1000, message = "must be between 1 and 1000")
          int limit) {
    boolean ended = read.find(id).status().isTerminal();
    Slice<LogLine> page =
        logs.slice(id, new TaskLogs.Page(after, since, level, limit), PageSize.MOST_BYTES);
    List<LogLine> lines = page.rows();
    long last = lines.isEmpty() ? after : lines.get(lines.size() - 1).seq();
    return new LogPage(id, lines, ended && !page.more() ? null : last);
  }
}

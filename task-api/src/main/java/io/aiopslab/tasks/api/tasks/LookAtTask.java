package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.WaitTime;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.view.TaskView;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET of one task, now or when it has ended. */
@RestController
@Tag(name = "tasks")
class LookAtTask {
  private final ReadTask read;
  private final WaitForEnds ends;

  LookAtTask(ReadTask read, WaitForEnds ends) {
    this.read = read;
    this.ends = ends;
  }

  @Operation(
      summary = "Look at a task, or wait for its end",
      description =
          "With wait the answer comes as soon as the task is completed, failed or cancelled, or"
              + " when the time is over: look at status to know which. With the last answer's ETag"
              + " as If-None-Match the answer is 304 if nothing has changed.")
  @ApiResponse(
      responseCode = "200",
      description = "The task as it is now",
      content = @Content(schema = @Schema(implementation = TaskView.class)),
      headers =
          @Header(
              name = "ETag",
              description = "Another one whenever anything of this answer has changed",
              schema = @Schema(type = "string")))
  @ApiResponse(
      responseCode = "304",
      description = "Nothing has changed since the answer whose ETag is in If-None-Match",
      content = @Content)
  @GetMapping(path = "/api/v1/tasks/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  Object look(
      @PathVariable("id") UUID id,
      @Parameter(
              description =
                  "Adds logs (the first 1,000 lines, about 4 MiB at most) and logs_truncated")
          @RequestParam(name = "include_logs", defaultValue = "false")
          boolean includeLogs,
      @Parameter(description = "500ms, 30s, 1m; at most 60s", example = "30s")
          @RequestParam(name = "wait", required = false)
          @Nullable String wait) {
    Duration longest = WaitTime.parse(wait);
    Task task = read.find(id);
    if (task.status().isTerminal() || longest.isZero()) {
      return answer(read.view(task, includeLogs));
    }
    return ends.answerAtEnd(id, longest, () -> answer(read.view(id, includeLogs)));
  }

  private static ResponseEntity<TaskView> answer(TaskView view) {
    return ResponseEntity.ok()
        .eTag(ViewTag.of(view))
        .cacheControl(CacheControl.noCache())
        .body(view);
  }
}

package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.tasks.ReadTask;
import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TraceParent;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** A new task like one that has ended. */
@RestController
@Tag(name = "tasks")
class RetryTask {
  private final TaskSubmissions submissions;
  private final ReadTask read;
  private final AcceptTasks accept;
  private final AnswerTask answer;

  RetryTask(TaskSubmissions submissions, ReadTask read, AcceptTasks accept, AnswerTask answer) {
    this.submissions = submissions;
    this.read = read;
    this.accept = accept;
    this.answer = answer;
  }

  @Operation(
      summary = "Run a task again that has ended",
      description =
          "Submits a new task with everything that was asked for of the old one, and its id as"
              + " retry_of. The old task stays as it is, whether completed, failed or cancelled. The"
              + " retry of a sample is the same sample of its group once more, and the old attempt"
              + " stays visible there; only of a usable one (completed, with a reward) it is a task"
              + " of its own. There is no body.")
  @ApiResponse(
      responseCode = "201",
      description = "The new task, pending",
      headers =
          @Header(
              name = "Location",
              description = "Where to look at the new task",
              schema = @Schema(type = "string")))
  @ApiResponse(
      responseCode = "200",
      description = "A repeat of the Idempotency-Key: the first new task, as it is now",
      headers = @Header(name = AnswerTask.REPLAYED, schema = @Schema(type = "boolean")))
  @ApiResponse(
      responseCode = "409",
      description =
          "The task has not ended, it is a sample that has been retried already, or the"
              + " Idempotency-Key was used for something else",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = Problem.class)))
  @PostMapping(path = "/api/v1/tasks/{id}/retry", produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<SubmittedTask> retry(
      @PathVariable("id") UUID id,
      @Parameter(description = Once.DESCRIPTION)
          @RequestHeader(name = Once.HEADER, required = false)
          @Nullable String key) {
    return answer.with(
        accept.accept(
            Once.of(key, "retry", id.toString()),
            1,
            (ids, trace) -> List.of(repeat(ids.get(0), id, trace))));
  }

  private Task repeat(UUID id, UUID original, @Nullable TraceParent trace) {
    return submissions.retry(id, original, trace).orElseThrow(() -> refusal(read.find(original)));
  }

  private Refusal refusal(Task original) {
    if (!original.status().isTerminal()) {
      return Refusal.conflict(
          "task_not_ended",
          "Task %s is %s: wait for its end or cancel it, then retry it."
              .formatted(original.id(), original.status().wire()));
    }
    return Refusal.conflict(
        "already_retried",
        "Task %s is a sample that has been retried as task %s: look at that one, and retry it if it fails too."
            .formatted(original.id(), submissions.nextAttempt(original.id())));
  }
}

package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** POST of one task. */
@RestController
@Tag(name = "tasks")
class SubmitTask {
  private final TaskSubmissions submissions;
  private final AcceptTasks accept;
  private final AnswerTask answer;

  SubmitTask(TaskSubmissions submissions, AcceptTasks accept, AnswerTask answer) {
    this.submissions = submissions;
    this.accept = accept;
    this.answer = answer;
  }

  @Operation(
      summary = "Submit a task",
      description =
          "Answers once the task is stored for good; a worker of its backend_type runs it when it"
              + " is the most urgent one. The body is a JSON object of at most 256 KiB; unknown"
              + " fields are refused.")
  @ApiResponse(
      responseCode = "201",
      description = "The task, pending",
      headers =
          @Header(
              name = "Location",
              description = "Where to look at the task",
              schema = @Schema(type = "string")))
  @ApiResponse(
      responseCode = "200",
      description = "A repeat of the Idempotency-Key: the first task, as it is now",
      headers = @Header(name = AnswerTask.REPLAYED, schema = @Schema(type = "boolean")))
  @ApiResponse(
      responseCode = "409",
      description = "The Idempotency-Key was used for another submission",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = Problem.class)))
  @PostMapping(
      path = "/api/v1/tasks",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<SubmittedTask> submit(
      @Parameter(description = Once.DESCRIPTION)
          @RequestHeader(name = Once.HEADER, required = false)
          @Nullable String key,
      @RequestBody SubmitRequest request) {
    return answer.with(
        accept.accept(
            Once.of(key, "task", request),
            1,
            (ids, trace) -> List.of(submissions.submit(ids.get(0), request.toSpec(), trace))));
  }
}

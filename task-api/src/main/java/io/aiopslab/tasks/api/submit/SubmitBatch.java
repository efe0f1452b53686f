package io.aiopslab.tasks.api.submit;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.aiopslab.tasks.api.tasks.WarnOfUnplayable;
import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.view.TaskSummary;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** POST of many tasks, all or nothing. */
@RestController
@Tag(name = "tasks")
class SubmitBatch {
  private final TaskSubmissions submissions;
  private final AcceptTasks accept;
  private final WarnOfUnplayable warnings;

  SubmitBatch(TaskSubmissions submissions, AcceptTasks accept, WarnOfUnplayable warnings) {
    this.submissions = submissions;
    this.accept = accept;
    this.warnings = warnings;
  }

  @Schema(name = "SubmittedTasks")
  record Submitted(
      @Schema(description = "In the order of the body") List<TaskSummary> tasks,
      @Schema(description = SubmittedTask.WARNINGS) @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable List<String> warnings) {}

  @Operation(
      summary = "Submit up to 1,000 tasks at once",
      description =
          "Stores all of them or none. What is wrong with any of them is told at once, by place:"
              + " tasks[3].max_steps. The body has at most 8 MiB, and each task at most 256 KiB.")
  @ApiResponse(responseCode = "201", description = "The tasks, pending")
  @ApiResponse(
      responseCode = "200",
      description = "A repeat of the Idempotency-Key: the first tasks, as they are now",
      headers = @Header(name = AnswerTask.REPLAYED, schema = @Schema(type = "boolean")))
  @ApiResponse(
      responseCode = "409",
      description = "The Idempotency-Key was used for another submission",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = Problem.class)))
  @PostMapping(
      path = "/api/v1/tasks/batch",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Submitted> submit(
      @Parameter(description = Once.DESCRIPTION)
          @RequestHeader(name = Once.HEADER, required = false)
          @Nullable String key,
      @RequestBody BatchRequest request) {
    List<TaskSpec> specs = request.tasks().stream().map(SubmitRequest::toSpec).toList();
    AcceptTasks.Accepted accepted =
        accept.accept(
            Once.of(key, "batch", request),
            specs.size(),
            (ids, trace) -> submissions.submitAll(ids, specs, trace));
    ResponseEntity.BodyBuilder response =
        accepted.replayed()
            ? ResponseEntity.ok().header(AnswerTask.REPLAYED, "true")
            : ResponseEntity.status(HttpStatus.CREATED);
    return response.body(
        new Submitted(
            accepted.tasks().stream().map(TaskSummary::of).toList(),
            accepted.replayed() ? null : warnings.of(specs)));
  }
}

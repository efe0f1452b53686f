package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.view.TaskView;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Ends a pending task at once; asks for the end of a running one. */
@RestController
@Tag(name = "tasks")
class CancelTask {
  private static final String DESCRIPTION =
      "A pending task is cancelled at once. A running one is answered as it is, with"
          + " cancel_requested_at; its process gets SIGTERM within a second, and SIGKILL after the"
          + " grace period of its cluster. Wait for the end with GET and wait. A run that ends by"
          + " itself before it hears of the cancel keeps its own end. Asking again changes nothing.";
  private static final String ENDED =
      """
      {"type": "about:blank", "title": "Conflict", "status": 409,
       "detail": "Task 019ab0f2-6c3e-7a01-8a53-0242ac120002 is completed already, and an end is final; GET it for what it left behind.",
       "instance": "/api/v1/tasks/019ab0f2-6c3e-7a01-8a53-0242ac120002/cancel",
       "error": "Task 019ab0f2-6c3e-7a01-8a53-0242ac120002 is completed already, and an end is final; GET it for what it left behind.",
       "code": "task_already_ended", "details": []}
      """;

  private final AskForEnd askForEnd;
  private final ReadTask read;

  CancelTask(AskForEnd askForEnd, ReadTask read) {
    this.askForEnd = askForEnd;
    this.read = read;
  }

  @Operation(summary = "Cancel a task", description = DESCRIPTION)
  @ApiResponse(responseCode = "200", description = "The task: cancelled, or running to its end")
  @ApiResponse(
      responseCode = "409",
      description = "The task has ended already",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = Problem.class),
              examples = @ExampleObject(ENDED)))
  @DeleteMapping(path = "/api/v1/tasks/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  TaskView delete(@PathVariable("id") UUID id) {
    return cancel(id, null);
  }

  @Operation(summary = "Cancel a task, and say why", description = DESCRIPTION)
  @ApiResponse(responseCode = "200", description = "The task: cancelled, or running to its end")
  @ApiResponse(
      responseCode = "409",
      description = "The task has ended already",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = Problem.class),
              examples = @ExampleObject(ENDED)))
  @PostMapping(path = "/api/v1/tasks/{id}/cancel", produces = MediaType.APPLICATION_JSON_VALUE)
  TaskView cancel(
      @PathVariable("id") UUID id, @RequestBody(required = false) @Nullable CancelRequest request) {
    String reason = request == null ? null : request.reason();
    return read.view(askForEnd.of(id, reason), false);
  }
}

package io.aiopslab.tasks.api.tasks;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Cancels everything that a filter means: stale work, mostly. */
@RestController
@Tag(name = "tasks")
class CancelTasks {
  private final AskForEnd askForEnd;

  CancelTasks(AskForEnd askForEnd) {
    this.askForEnd = askForEnd;
  }

  @Schema(name = "CancelledTasks")
  record Cancelled(
      @Schema(description = "Pending ones, cancelled now", example = "40") int cancelled,
      @Schema(description = "Running ones that will end soon", example = "4") int requested,
      @Schema(
              description = "There are more of them than one call takes: send it again",
              example = "false")
          boolean more) {}

  @Operation(
      summary = "Cancel all tasks of a filter",
      description =
          "With the filters of GET /api/v1/tasks, of which at least one has to be given. Tasks that"
              + " have ended, or were asked to end before, are left as they are. Takes up to 100,000"
              + " tasks a call, oldest first. Safe to repeat.")
  @ApiResponse(responseCode = "200", description = "How many it concerned")
  @PostMapping(
      path = "/api/v1/tasks/cancel",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  Cancelled cancel(@RequestBody CancelTasksRequest request) {
    AskForEnd.Many many = askForEnd.ofAll(request.toFilter(), request.reason());
    return new Cancelled(many.pending(), many.running(), many.more());
  }
}

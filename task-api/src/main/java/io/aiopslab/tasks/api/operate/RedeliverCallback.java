package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.view.CallbackView;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Has a callback sent again, now; its retry schedule begins anew. */
@RestController
@Tag(name = "callbacks")
class RedeliverCallback {
  private final FindCallback owed;
  private final CallbackDeliveries deliveries;

  RedeliverCallback(FindCallback owed, CallbackDeliveries deliveries) {
    this.owed = owed;
    this.deliveries = deliveries;
  }

  @Operation(
      summary = "Send a task's callback again",
      description =
          "Due now with the same webhook-id, whether it was delivered, stopped or exhausted, or"
              + " waits for its next try.")
  @ApiResponse(responseCode = "202", description = "It will be sent now")
  @ApiResponse(
      responseCode = "409",
      description = "The task has not ended",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = Problem.class)))
  @PostMapping(
      path = "/api/v1/tasks/{id}/callback/redeliver",
      produces = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  CallbackView redeliver(@PathVariable("id") UUID id) {
    FindCallback.Owed callback = owed.find(id);
    if (!deliveries.redeliver(id)) {
      throw Refusal.conflict(
          "task_not_ended",
          "Task %s is %s: its callback is sent when it has ended; GET /api/v1/tasks/%s?wait=60s waits for that."
              .formatted(id, callback.task().status().wire(), id));
    }
    return deliveries
        .find(id)
        .map(CallbackView::of)
        .orElseGet(() -> CallbackView.notYet(callback.url()));
  }
}

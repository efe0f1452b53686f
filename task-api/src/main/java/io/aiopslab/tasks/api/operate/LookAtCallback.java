package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.store.CallbackAttempts;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.task.CallbackAttempt;
import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackState;
import io.aiopslab.tasks.view.CallbackView;
import io.aiopslab.tasks.view.CallbackView.LastAttempt;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What has become of one task's callback, with every try. */
@RestController
@Tag(name = "callbacks")
class LookAtCallback {
  private static final int MOST_ATTEMPTS = 1000;

  private final FindCallback owed;
  private final CallbackDeliveries deliveries;
  private final CallbackAttempts attempts;

  LookAtCallback(FindCallback owed, CallbackDeliveries deliveries, CallbackAttempts attempts) {
    this.owed = owed;
    this.deliveries = deliveries;
    this.attempts = attempts;
  }

  @Schema(name = "CallbackReport")
  record Report(
      UUID taskId,
      @Schema(
              nullable = true,
              description =
                  "Header webhook-id, the same on every try; null until the task has ended",
              example = "msg_019ab0c47d5e7cc2a1f03c5b8f6e2d11")
          @Nullable String webhookId,
      @Schema(example = "https://trainer.example/done") String url,
      CallbackState state,
      @Schema(description = "Tries so far", example = "1") int attempts,
      @Schema(nullable = true, description = "Null before the end, and when no try is due")
          @Nullable Instant nextAttemptAt,
      @Nullable LastAttempt lastAttempt,
      @Schema(description = "The tries in order, at most the newest 1,000")
          List<CallbackAttempt> history) {

    static Report of(
        UUID task, @Nullable String webhook, CallbackView seen, List<CallbackAttempt> history) {
      return new Report(
          task,
          webhook,
          seen.url(),
          seen.state(),
          seen.attempts(),
          seen.nextAttemptAt(),
          seen.lastAttempt(),
          history);
    }
  }

  @Operation(
      summary = "Look at a task's callback and its tries",
      description =
          "A callback is sent when its task has ended, and again on a schedule until the receiver"
              + " answers 2xx (delivered) or 410 (stopped), or the schedule is over (exhausted).")
  @ApiResponse(responseCode = "200", description = "The callback as it is now")
  @GetMapping(path = "/api/v1/tasks/{id}/callback", produces = MediaType.APPLICATION_JSON_VALUE)
  Report look(@PathVariable("id") UUID id) {
    FindCallback.Owed callback = owed.find(id);
    Optional<CallbackDelivery> delivery = deliveries.find(id);
    return Report.of(
        id,
        delivery.map(CallbackDelivery::webhookId).orElse(null),
        delivery.map(CallbackView::of).orElseGet(() -> CallbackView.notYet(callback.url())),
        attempts.newest(id, MOST_ATTEMPTS));
  }
}

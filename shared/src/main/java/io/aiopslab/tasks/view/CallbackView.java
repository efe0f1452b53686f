package io.aiopslab.tasks.view;

import io.aiopslab.tasks.task.CallbackAttempt;
import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackState;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What has become of a task's callback. */
@Schema(name = "TaskCallback", description = "What has become of the callback")
public record CallbackView(
    @Schema(example = "https://trainer.example/done") String url,
    CallbackState state,
    @Schema(description = "Tries so far", example = "1") int attempts,
    @Schema(nullable = true, description = "Null before the task has ended, and when no try is due")
        @Nullable Instant nextAttemptAt,
    @Schema(nullable = true, description = "Null before the first try")
        @Nullable LastAttempt lastAttempt) {

  @Schema(name = "LastCallbackAttempt")
  public record LastAttempt(
      Instant at,
      @Schema(nullable = true, description = "Of the HTTP answer; null if none came")
          @Nullable Integer status,
      @Schema(nullable = true, description = "Null if it was delivered") @Nullable String error) {

    static @Nullable LastAttempt of(@Nullable CallbackAttempt attempt) {
      return attempt == null
          ? null
          : new LastAttempt(attempt.at(), attempt.status(), attempt.error());
    }
  }

  public static CallbackView of(CallbackDelivery delivery) {
    return new CallbackView(
        delivery.url(),
        delivery.state(),
        delivery.attempts(),
        delivery.nextAttemptAt(),
        LastAttempt.of(delivery.lastAttempt()));
  }

  /** The callback of a task that has not ended yet. */
  public static CallbackView notYet(String url) {
    return new CallbackView(url, CallbackState.PENDING, 0, null, null);
  }
}

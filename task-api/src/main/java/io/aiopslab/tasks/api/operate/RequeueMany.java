package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.store.DeadLetters;
import io.aiopslab.tasks.task.DeadLetterState;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which dead letters are to be sent again: those that meet every condition that is given. */
@StrictBody
@Schema(name = "RequeueDeadLetters")
record RequeueMany(
    @Schema(description = "kept or returned; left out, both", example = "kept")
        @Nullable DeadLetterState state,
    @Schema(
            description = "Only letters whose reason has this in it",
            example = "version 2 of a run event")
        @Size(min = 1, max = 500, message = "must have 1 to 500 characters")
        @Nullable String reason,
    @Schema(
            description = "Only letters that came, or came again, at this time or later",
            example = "2026-11-23T08:00:00Z")
        @Nullable Instant since,
    @Schema(description = "Who asks; kept with each letter", example = "ana")
        @Size(min = 1, max = 200, message = "must have 1 to 200 characters")
        @Nullable String by) {

  /**
   * @throws Refusal if it is no condition at all, or one that nothing can meet
   */
  DeadLetters.Filter toFilter() {
    if (state == null && reason == null && since == null) {
      throw wrong("(body)", "required", "must have at least one condition");
    }
    if (state == DeadLetterState.ASKED || state == DeadLetterState.REQUEUED) {
      throw wrong("state", "range", "must be kept or returned");
    }
    return new DeadLetters.Filter(state, reason, since);
  }

  private static Refusal wrong(String field, String rule, String message) {
    return Refusal.badRequest(
        "invalid_body",
        "Correct %s and send it again: it %s.".formatted(field, message),
        List.of(new Problem.Detail(field, rule, message)));
  }
}

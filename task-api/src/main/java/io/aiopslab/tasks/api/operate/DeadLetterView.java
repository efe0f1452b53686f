package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.store.DeadLetters.Letter;
import io.aiopslab.tasks.task.DeadLetterState;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Schema(name = "DeadLetter")
record DeadLetterView(
    @Schema(
            description = "64 hexadecimal digits; the same message always has the same id",
            example = DeadLetterView.EXAMPLE_ID)
        String id,
    @Schema(
            description =
                "kept: nobody has had it sent again; asked: will be sent again as soon as the broker"
                    + " takes it; requeued: was sent again and has not come back; returned: was sent"
                    + " again, and could not be read or stored this time either")
        DeadLetterState state,
    @Schema(
            description = "Why it could not be read or stored",
            example = "version 2 of a run event; this collector reads 1")
        String reason,
    @Schema(example = "events.collector.0") String queue,
    @Schema(example = "task.logs.0199d2b4-5c1e-7abc-8def-0123456789ab") String routingKey,
    @Schema(nullable = true) @Nullable String messageId,
    @Schema(description = "How often it has come", example = "1") int seen,
    Instant firstAt,
    Instant lastAt,
    @Schema(description = "Of its body", example = "412") int bytes,
    @Schema(
            description =
                "The beginning of its body on one line; ? stands for what cannot be shown")
        String preview,
    @Schema(
            description =
                "Whether it can be sent again as it came; false if it came past the exchange of"
                    + " events, or has a name that could not be kept to the letter")
        boolean requeueable,
    @Schema(description = "How often it was sent again", example = "0") int requeues,
    @Schema(
            nullable = true,
            description = "Who had it sent again, the last time; null if nobody said")
        @Nullable String requeueAskedBy,
    @Schema(nullable = true) @Nullable Instant requeueAskedAt,
    @Schema(nullable = true, description = "When the broker had it again; null before")
        @Nullable Instant requeuedAt) {
  static final String EXAMPLE_ID =
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

  static DeadLetterView of(Letter letter) {
    return new DeadLetterView(
        letter.id(),
        letter.state(),
        letter.reason(),
        letter.queue(),
        letter.routingKey(),
        letter.messageId(),
        letter.seen(),
        letter.firstAt(),
        letter.lastAt(),
        letter.bytes(),
        letter.preview(),
        letter.fit(),
        letter.requeues(),
        letter.askedBy(),
        letter.askedAt(),
        letter.sentAt());
  }
}

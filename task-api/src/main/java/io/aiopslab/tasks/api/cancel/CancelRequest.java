package io.aiopslab.tasks.api.cancel;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The body of a cancel, as it came. */
@Schema(name = "CancelTask")
record CancelRequest(
    @Schema(
            nullable = true,
            maxLength = CancelBody.LONGEST_REASON,
            description = "Kept with the task; at most 500 characters",
            example = "The policy has moved on.")
        @Nullable String reason) {}

package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.StrictBody;
import io.swagger.v3.oas.annotations.media.Schema;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;

/** The body of a cancel, as it came. A character takes twelve bytes at most, as two escapes. */
@StrictBody(
    most = 16 << 10,
    ifLarger = "a reason has at most 500 characters",
    mended = false,
    code = "invalid_cancel",
    then = "cancel the task again")
@Schema(name = "CancelTask")
record CancelRequest(
    @Schema(
            nullable = true,
            maxLength = LONGEST_REASON,
            description = "Kept with the task; at most 500 characters",
            example = "The policy has moved on.")
        @CodePointLength(max = LONGEST_REASON, message = "must have at most 500 characters")
        @Nullable String reason) {
  static final int LONGEST_REASON = 500;
}

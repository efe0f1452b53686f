package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.web.StrictBody;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

@StrictBody
@Schema(name = "RequeueDeadLetter")
record RequeueOne(
    @Schema(description = "Who asks; kept with the letter", example = "ana")
        @Size(min = 1, max = 200, message = "must have 1 to 200 characters")
        @Nullable String by,
    @Schema(
            description =
                "Sends it also if it was sent before and has not come back, such as after the"
                    + " broker has lost its queues",
            example = "false")
        @Nullable Boolean again) {
  static final RequeueOne PLAIN = new RequeueOne(null, null);
}

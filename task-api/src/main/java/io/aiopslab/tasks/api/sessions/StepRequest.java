package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.web.StrictBody;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/** One action of an interactive session, as it came. */
@StrictBody
@Schema(name = "StepSession")
record StepRequest(
    @Schema(
            description = "Which action this is, from 0; a repeat is not done twice",
            requiredMode = Schema.RequiredMode.REQUIRED,
            example = "0")
        @NotNull(message = "is required")
        @Min(value = 0, message = "must be between 0 and 999")
        @Max(value = 999, message = "must be between 0 and 999")
        Integer index,
    @Schema(
            description =
                "What an agent would answer: a text with the call in a fenced block, or a bare call,"
                    + " which gets one",
            requiredMode = Schema.RequiredMode.REQUIRED,
            example = "get_logs(\"test-hotel-reservation\", \"geo\")")
        @NotNull(message = "is required")
        @Size(max = 65536, message = "must have at most 65536 characters")
        @Pattern(regexp = "[^\\x00]*", message = "must not hold U+0000")
        String action,
    @Schema(
            description = "How long to wait for the answer: 500ms, 30s; at most 60s",
            defaultValue = "30s",
            example = "1s")
        @Pattern(
            regexp = "[0-9]{1,6}(ms|s|m)",
            message = "must be a time such as 500ms, 30s or 1m, at most 60s")
        @Nullable String timeout) {

  static final String DEFAULT_TIMEOUT = "30s";
}

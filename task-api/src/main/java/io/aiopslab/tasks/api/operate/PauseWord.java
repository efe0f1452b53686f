package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.web.StrictBody;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/** Why a backend is paused. */
@StrictBody
@Schema(name = "PauseBackend")
record PauseWord(
    @Schema(description = "Shown until it is resumed", example = "updating weights to version 42")
        @Size(max = 500, message = "must have at most 500 characters")
        @Nullable String reason) {}

package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.StrictBody;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/** What an operator may say when pausing or draining a worker. */
@StrictBody
@Schema(name = "OperatorWord")
record OperatorWord(
    @Schema(
            description = "Shown with the worker until it is resumed",
            example = "upgrading the host's kernel")
        @Size(max = 1000, message = "must have at most 1000 characters")
        @Nullable String reason) {}

package io.aiopslab.tasks.api.submit;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The body of a group, as it came. */
@Schema(name = "SubmitGroup", description = "One task, to be run several times")
record GroupRequest(
    @Schema(requiredMode = Schema.RequiredMode.REQUIRED) SubmitRequest task,
    @Schema(
            description = "How many times",
            requiredMode = Schema.RequiredMode.REQUIRED,
            minimum = "1",
            maximum = "256",
            example = "8")
        int samples,
    @Schema(
            description =
                "How many usable samples are enough: once so many are completed with a reward, the"
                    + " others are cancelled. From 1 to samples; left out, all are wanted",
            minimum = "1",
            maximum = "256",
            example = "6")
        @Nullable Integer earlyStop) {}

package io.aiopslab.tasks.api.submit;

import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** The body of a batch, as it came. */
@Schema(name = "SubmitTasks", description = "Tasks that are stored together or not at all")
record BatchRequest(
    @ArraySchema(
            minItems = 1,
            maxItems = ReadBatch.MOST_TASKS,
            arraySchema = @Schema(requiredMode = Schema.RequiredMode.REQUIRED))
        List<SubmitRequest> tasks) {}

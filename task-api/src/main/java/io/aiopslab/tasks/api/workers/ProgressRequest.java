package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.task.Phase;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotNull;
import java.util.UUID;

/** What a run is busy with now. */
@StrictBody
@Schema(name = "ReportProgress")
record ProgressRequest(
    @NotNull(message = "is required") UUID sessionId,
    @Schema(description = "An earlier phase after a later one changes nothing")
        @NotNull(message = "is required")
        Phase phase) {}

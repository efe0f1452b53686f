package io.aiopslab.tasks.api.workers;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.aiopslab.tasks.api.web.StrictBody;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Who wants a task. */
@StrictBody
@Schema(name = "Claim")
record ClaimRequest(
    @Schema(description = "As registered; left out, the claim is for whoever has the name")
        @Nullable UUID incarnation,
    @Schema(
            description =
                "A new UUID for each task, made by the worker: a claim repeated with it gives the"
                    + " same task. Left out, the service makes one, and a task whose answer is lost"
                    + " shows only in the heartbeat's answer")
        @Nullable UUID sessionId,
    @Schema(description = "As the parameter", example = "30s") @JsonProperty("wait")
        @Nullable String waitTime) {}

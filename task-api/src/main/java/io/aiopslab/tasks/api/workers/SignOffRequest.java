package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.StrictBody;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotNull;
import java.util.UUID;

/** Who goes. */
@StrictBody
@Schema(name = "SignOff")
record SignOffRequest(@NotNull(message = "is required") UUID incarnation) {}

package io.aiopslab.tasks.api.operate;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a trainer needs to size its window. */
@Schema(name = "BackendCapacity")
record BackendCapacity(
    @Schema(example = "default") String backendType,
    @Schema(nullable = true, description = "Since when nothing of it starts")
        @Nullable Instant pausedAt,
    @Schema(nullable = true, description = "In the words of who paused it")
        @Nullable String pauseReason,
    @Schema(description = "Workers that would take a task now; 0 while it is paused", example = "3")
        long free,
    @Schema(description = "Workers that run something", example = "5") long busy,
    @Schema(description = "Pending tasks, counted to 10,000", example = "12") long queued,
    @Schema(description = "False if there are more than queued", example = "true")
        boolean queuedExact,
    @Schema(nullable = true, description = "Of the oldest pending task", example = "4.2")
        @Nullable Double oldestWaitSeconds,
    @Schema(
            description =
                "By problem, of the last 50 runs of each worker within 24 hours, the most frequent"
                    + " first, at most 200")
        List<ProblemTimes> problems) {

  @Schema(name = "ProblemTimes")
  record ProblemTimes(
      @Schema(example = "misconfig_app_hotel_res-detection-1") String problemId,
      @Schema(description = "How many runs these figures are of", example = "50") long runs,
      @Schema(description = "From submission to start") Percentiles waitSeconds,
      @Schema(description = "From start to end") Percentiles runSeconds) {}

  @Schema(name = "ProblemPercentiles")
  record Percentiles(@Schema(example = "61.5") double p50, @Schema(example = "180.2") double p90) {}
}

package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.FilterText;
import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.store.TaskStatistics;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Figures over the tasks of a span of time. */
@RestController
@Tag(name = "tasks")
class ReadStatistics {
  private static final Duration USUAL_SPAN = Duration.ofHours(24);

  private final TaskStatistics statistics;

  ReadStatistics(TaskStatistics statistics) {
    this.statistics = statistics;
  }

  @Operation(
      summary = "Count and measure tasks",
      description =
          "Over the tasks that were submitted in a span of time: by default the last 24 hours, or"
              + " the 24 hours before created_before. Every task of the span is looked at once,"
              + " which may take 1.5 seconds; what takes longer is refused with the code"
              + " query_too_slow: ask for a shorter span then.")
  @ApiResponse(responseCode = "200", description = "The figures")
  @GetMapping(path = "/api/v1/tasks/stats", produces = MediaType.APPLICATION_JSON_VALUE)
  StatisticsView statistics(
      @Parameter(description = CreatedSpan.AFTER)
          @RequestParam(name = "created_after", required = false)
          @Nullable Instant createdAfter,
      @Parameter(description = CreatedSpan.BEFORE)
          @RequestParam(name = "created_before", required = false)
          @Nullable Instant createdBefore,
      @RequestParam(name = "problem_id", required = false)
          @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE)
          @Nullable String problemId,
      @RequestParam(name = "backend_type", required = false)
          @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE)
          @Nullable String backendType) {
    CreatedSpan.check(createdAfter, createdBefore);
    Instant end = createdBefore == null ? statistics.now() : createdBefore;
    Instant beginning = createdAfter == null ? end.minus(USUAL_SPAN) : createdAfter;
    TaskFilter filter =
        new TaskFilter(
            Set.of(),
            Set.of(),
            problemId,
            backendType,
            null,
            null,
            null,
            beginning,
            createdBefore,
            Map.of());
    return StatisticsView.of(beginning, end, statistics.over(filter));
  }
}

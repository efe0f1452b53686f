package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.WorkerHistories;
import io.aiopslab.tasks.task.WorkerHistory;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** How a worker has done lately. */
@RestController
@Tag(name = "workers")
class WorkerStatistics {
  private static final Pattern WINDOW = Pattern.compile("([0-9]{1,4})([mhd])");
  private static final Duration LONGEST = Duration.ofDays(30);

  private final WorkerHistories histories;

  WorkerStatistics(WorkerHistories histories) {
    this.histories = histories;
  }

  @Operation(
      summary = "What a worker has done lately",
      description =
          "Counts its newest tasks, 10,000 at most: complete is false where there are more in the"
              + " window, and since says how far back the numbers go. What there is nothing of is"
              + " null, not 0.")
  @ApiResponse(responseCode = "200", description = "Numbers of the window")
  @GetMapping(path = "/api/v1/workers/{id}/stats", produces = MediaType.APPLICATION_JSON_VALUE)
  WorkerHistory statistics(
      @Parameter(example = "worker-001-kind") @PathVariable("id") String id,
      @Parameter(description = "How far to look back: 30m, 24h, 7d; at most 30d", example = "24h")
          @RequestParam(name = "window", defaultValue = "24h")
          String window) {
    Duration span = parse(window);
    return histories.find(FindWorker.known(id), span).orElseThrow(() -> FindWorker.notFound(id));
  }

  private static Duration parse(String window) {
    Matcher matcher = WINDOW.matcher(window);
    if (!matcher.matches()) {
      throw Refusal.badParameter("window", "format", "must be a time such as 30m, 24h or 7d");
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration span =
        switch (matcher.group(2)) {
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        };
    if (span.isZero() || span.compareTo(LONGEST) > 0) {
      throw Refusal.badParameter("window", "range", "must be from 1m to 30d");
    }
    return span;
  }
}

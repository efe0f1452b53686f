package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.Slice;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.RegisteredWorker;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.WorkerStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** All workers that ever registered, by id. */
@RestController
@Tag(name = "workers")
class ListWorkers {
  private static final int MOST = 1000;
  private static final Duration LONGEST = Duration.ofDays(3650);
  private static final String TIME = "must be a time such as 90s, 30m, 24h or 7d, at most 3650d";
  private static final String LABEL =
      "must be a DNS-1123 label: up to 63 of a-z, 0-9 and -, beginning and ending with a letter or"
          + " digit";

  private final Workers workers;
  private final WorkerListSettings settings;

  ListWorkers(Workers workers, WorkerListSettings settings) {
    this.workers = workers;
    this.settings = settings;
  }

  @Schema(name = "WorkerList")
  record WorkerList(
      List<RegisteredWorker> workers,
      @Schema(description = "How many there are in all, on this page and others", example = "2")
          long total,
      @Schema(
              nullable = true,
              description = "Pass it as after for the next page; null on the last one",
              example = "worker-001-kind")
          @Nullable String next) {}

  @Operation(
      summary = "List workers by id",
      description =
          "A worker is one Kind cluster. One whose last heartbeat is old (45 s, unless the operator"
              + " has set something else) is offline, whatever it said last; one that is"
              + " quarantined says in status_reason why it takes no work.")
  @ApiResponse(
      responseCode = "200",
      description = "A page of those that match, of about 4 MiB at most")
  @GetMapping(path = "/api/v1/workers", produces = MediaType.APPLICATION_JSON_VALUE)
  WorkerList list(
      @Parameter(description = "Only workers in this status")
          @RequestParam(name = "status", required = false)
          @Nullable WorkerStatus status,
      @Parameter(description = "Only workers that take tasks of this backend")
          @RequestParam(name = "backend_type", required = false)
          @Pattern(regexp = TaskSpec.LABEL_PATTERN, message = LABEL)
          @Nullable String backendType,
      @Parameter(
              description =
                  "Only workers that were heard of in this time, so that those that have long been"
                      + " offline are left out: 90s, 30m, 24h, 7d; at most 3650d",
              example = "24h")
          @RequestParam(name = "seen_within", required = false)
          @Pattern(regexp = "[1-9][0-9]{0,8}[smhd]", message = TIME)
          @Nullable String seenWithin,
      @Parameter(description = "Only workers behind this id, as next of the page before")
          @RequestParam(name = "after", required = false)
          @Pattern(regexp = TaskSpec.LABEL_PATTERN, message = LABEL)
          @Nullable String after,
      @RequestParam(name = "limit", defaultValue = "100")
          @Range(min = 1, max = MOST, message = "must be between 1 and 1000")
          int limit) {
    Workers.Filter filter =
        new Workers.Filter(
            status,
            backendType,
            seenWithin == null ? null : span(seenWithin),
            settings.offlineAfter());
    Slice<RegisteredWorker> page = workers.list(filter, after, limit);
    List<RegisteredWorker> found = page.rows();
    boolean isAll = !page.more() && after == null;
    return new WorkerList(
        found,
        isAll ? found.size() : workers.count(filter),
        page.more() ? found.get(found.size() - 1).id() : null);
  }

  private static Duration span(String text) {
    long amount = Long.parseLong(text.substring(0, text.length() - 1));
    Duration span =
        switch (text.charAt(text.length() - 1)) {
          case 's' -> Duration.ofSeconds(amount);
          case 'm' -> Duration.ofMinutes(amount);
          case 'h' -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        };
    if (span.compareTo(LONGEST) > 0) {
      throw Refusal.badParameter("seen_within", "range", TIME);
    }
    return span;
  }
}

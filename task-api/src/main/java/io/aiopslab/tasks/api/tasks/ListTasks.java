package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.FilterText;
import io.aiopslab.tasks.api.web.MetadataFilter;
import io.aiopslab.tasks.api.web.ParameterFamily;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.web.WaitTime;
import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.store.TaskListing;
import io.aiopslab.tasks.store.TaskListing.Slice;
import io.aiopslab.tasks.store.TaskOrder;
import io.aiopslab.tasks.task.TaskStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Tasks by what they are, in an order, page by page; or some of them when they have ended. */
@RestController
@Tag(name = "tasks")
class ListTasks {
  private static final int USUAL_LIMIT = 20;
  private static final int LARGEST_LIMIT = 100;
  private static final String STATUS_RULE =
      "must be one of pending, running, completed, failed, cancelled";
  private static final String IDS_RULE = "must be 1 to 100 ids";
  private static final int MOST_IDS = 100;
  private static final int LARGEST_OFFSET = 100_000;

  private final TaskListing listing;
  private final WaitForEnds wait;
  private final WarnOfUnplayable warnings;

  ListTasks(TaskListing listing, WaitForEnds wait, WarnOfUnplayable warnings) {
    this.listing = listing;
    this.wait = wait;
    this.warnings = warnings;
  }

  @Operation(
      summary = "List tasks, or wait for the end of some",
      description =
          "Newest first unless sort says otherwise. Without results and progress: look at a single"
              + " task for these. A task is listed if it meets all filters. To walk through many,"
              + " pass next_cursor as cursor until it is null, also where a page is shorter than"
              + " limit because it would be larger than about 4 MiB: no task that was there at the"
              + " beginning is left out or shown twice, and late pages cost what the first does."
              + " With id and wait the answer comes as soon as the tasks of these ids have ended,"
              + " or when the time is over; ids of no task are left out and not waited for.")
  @Parameter(
      name = "metadata.<key>",
      in = ParameterIn.QUERY,
      description =
          "Only tasks whose metadata has this member at top level with this value: a string of"
              + " that text, or the number or boolean that is written so. For up to 10 keys, such"
              + " as metadata.experiment=grpo-7",
      schema = @Schema(type = "string"))
  @ApiResponse(
      responseCode = "200",
      description = "A page of tasks",
      content = @Content(schema = @Schema(implementation = TaskList.class)))
  @GetMapping(path = "/api/v1/tasks", produces = MediaType.APPLICATION_JSON_VALUE)
  Object list(
      @Parameter(description = "Only tasks in this status, or in one of these")
          @RequestParam(name = "status", required = false)
          @Size(min = 1, message = STATUS_RULE)
          @Nullable Set<@NotNull(message = STATUS_RULE) TaskStatus> status,
      @RequestParam(name = "problem_id", required = false)
          @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE)
          @Nullable String problemId,
      @RequestParam(name = "backend_type", required = false)
          @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE)
          @Nullable String backendType,
      @Parameter(description = "Only tasks that this worker runs or ran")
          @RequestParam(name = "worker_id", required = false)
          @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE)
          @Nullable String workerId,
      @Parameter(description = "Only retries of this task")
          @RequestParam(name = "retry_of", required = false)
          @Nullable UUID retryOf,
      @Parameter(description = "Only samples of this group")
          @RequestParam(name = "group_id", required = false)
          @Nullable UUID groupId,
      @Parameter(description = CreatedSpan.AFTER, example = "2026-11-23T08:00:00Z")
          @RequestParam(name = "created_after", required = false)
          @Nullable Instant createdAfter,
      @Parameter(description = CreatedSpan.BEFORE, example = "2100-01-01T00:00:00Z")
          @RequestParam(name = "created_before", required = false)
          @Nullable Instant createdBefore,
      @Parameter(hidden = true) @ParameterFamily(MetadataFilter.PREFIX) @RequestParam
          Map<String, String> parameters,
      @Parameter(description = "Only these tasks, up to 100; then limit is 100 if not given")
          @RequestParam(name = "id", required = false)
          @Size(min = 1, max = MOST_IDS, message = IDS_RULE)
          @Nullable List<@NotNull(message = IDS_RULE) UUID> id,
      @Parameter(description = "With id: 500ms, 30s, 1m; at most 60s")
          @RequestParam(name = "wait", required = false)
          @Nullable String waitTime,
      @Parameter(description = "With wait: whether all of the tasks have to end, or any")
          @RequestParam(name = "wait_for", defaultValue = "all")
          WaitFor waitFor,
      @Parameter(description = "A minus turns it round. Ids settle ties, in the same direction")
          @RequestParam(name = "sort", defaultValue = "-created_at")
          TaskOrder sort,
      @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "100"))
          @RequestParam(name = "limit", required = false)
          @Range(min = 1, max = LARGEST_LIMIT, message = "must be between 1 and 100")
          @Nullable Integer limit,
      @Parameter(description = "For small jumps; use cursor to walk further")
          @RequestParam(name = "offset", defaultValue = "0")
          @Range(
              min = 0,
              max = LARGEST_OFFSET,
              message = "must be between 0 and 100000: follow next_cursor to get further")
          long offset,
      @Parameter(description = "next_cursor of the page before; the filters and sort must be its")
          @RequestParam(name = "cursor", required = false)
          @Nullable String cursor) {
    CreatedSpan.check(createdAfter, createdBefore);
    Duration longest = WaitTime.parse(waitTime);
    if (waitTime != null && id == null) {
      throw Refusal.badParameter("wait", "combination", "needs the ids to wait for: id=…&id=…");
    }
    if (cursor != null && offset > 0) {
      throw Refusal.badParameter("offset", "combination", "cannot be given together with cursor");
    }
    TaskFilter filter =
        new TaskFilter(
            id == null ? Set.of() : Set.copyOf(id),
            status == null ? Set.of() : status,
            problemId,
            backendType,
            workerId,
            retryOf,
            groupId,
            createdAfter,
            createdBefore,
            MetadataFilter.of(parameters));
    Slice slice =
        new Slice(
            sort,
            limit != null ? limit : id == null ? USUAL_LIMIT : LARGEST_LIMIT,
            offset,
            cursor == null ? null : PageCursor.read(cursor, sort, filter));
    Supplier<TaskList> page =
        () -> TaskList.of(listing.read(filter, slice), filter, slice, warnings::ofWaiting);
    return wait.answer(filter.ids(), waitFor, longest, page);
  }
}

package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.api.web.FilterText;
import io.aiopslab.tasks.api.web.MetadataFilter;
import io.aiopslab.tasks.api.web.ParameterFamily;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.web.WaitTime;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.loop.Waits;
import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.store.TrajectoryFeed;
import io.aiopslab.tasks.store.TrajectoryFeed.Filter;
import io.aiopslab.tasks.store.TrajectoryFeed.Page;
import io.aiopslab.tasks.task.TaskStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Trajectories in the order in which their tasks ended, for consumers that store a cursor. */
@RestController
@Tag(name = "trajectories")
class ReadFeed {
  static final String LINES = "application/x-ndjson";

  private static final String STATUS_RULE = "must be one of completed, failed, cancelled";
  private static final String NUMBER = "-?[0-9]{1,30}([.][0-9]{1,30})?";
  private static final String NUMBER_RULE = "must be a number such as 41";

  private final TrajectoryFeed feed;
  private final Waits<Long> waits;
  private final Downloads downloads;
  private final WritePage page;
  private final FeedSettings settings;

  ReadFeed(
      TrajectoryFeed feed,
      Downloads downloads,
      WritePage page,
      FeedSettings settings,
      Loops loops) {
    this.feed = feed;
    this.downloads = downloads;
    this.page = page;
    this.settings = settings;
    this.waits =
        new Waits<>(
            loops
                .loop("wait-for-feed")
                .saying("Cannot see now how long the feed is; who waits at its end waits on"),
            settings.interval(),
            this::passed,
            Runnable::run);
  }

  private List<Long> passed(List<Long> waited) {
    long last = feed.last();
    return waited.stream().filter(position -> position < last).toList();
  }

  /**
   * @param end of the patience, in the nanoseconds of the JVM's clock
   */
  private record Question(Filter filter, int limit, boolean asLines, long end) {
    Duration patience() {
      return Duration.ofNanos(end - System.nanoTime());
    }
  }

  @Operation(
      summary = "Read finished trajectories in order of completion, or wait for the next",
      description =
          "Every task that has ended is in the feed once, also those that failed or were cancelled:"
              + " filter by status for the others. Store next (or the cursor of each trajectory) and"
              + " pass it as after: no gap and no repeat, at any instance, from any place, for good."
              + " With wait an empty page comes only when the time is over. A page can also be empty"
              + " because the filter left out all that was looked at: go on with its next. With"
              + " Accept: application/x-ndjson each trajectory is a line, and a last line has next"
              + " alone. Answers are streamed.")
  @Parameter(
      name = "metadata.<key>",
      in = ParameterIn.QUERY,
      description =
          "Only tasks whose metadata has this member at top level with this value: a string of"
              + " that text, or the number or boolean that is written so. For up to 10 keys",
      schema = @Schema(type = "string"))
  @ApiResponse(
      responseCode = "200",
      description = "A page of trajectories",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON_VALUE,
            schema = @Schema(ref = "#/components/schemas/TrajectoryPage")),
        @Content(mediaType = LINES, schema = @Schema(ref = "#/components/schemas/TrajectoryLine"))
      })
  @GetMapping(
      path = "/api/v1/trajectories",
      produces = {MediaType.APPLICATION_JSON_VALUE, LINES})
  void read(
      @Parameter(description = "next of the page before, or a trajectory's cursor; none: all")
          @RequestParam(name = "after", required = false)
          @Nullable String after,
      @RequestParam(name = "limit", defaultValue = "100")
          @Range(min = 1, max = 1000, message = "must be between 1 and 1000")
          int limit,
      @Parameter(description = "500ms, 30s, 1m; at most 60s", example = "500ms")
          @RequestParam(name = "wait", required = false)
          @Nullable String wait,
      @Parameter(
              description = "Only tasks that ended so, or so: completed, failed, cancelled",
              example = "completed")
          @RequestParam(name = "status", required = false)
          @Size(min = 1, message = STATUS_RULE)
          @Nullable Set<@NotNull(message = STATUS_RULE) TaskStatus> status,
      @RequestParam(name = "problem_id", required = false)
          @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE)
          @Nullable String problemId,
      @RequestParam(name = "backend_type", required = false)
          @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE)
          @Nullable String backendType,
      @Parameter(description = "Only samples of this group")
          @RequestParam(name = "group_id", required = false)
          @Nullable UUID groupId,
      @Parameter(
              description =
                  "Only those whose model's first answer was of this version or a later one;"
                      + " versions that are no numbers are left out",
              example = "41")
          @RequestParam(name = "min_policy_version", required = false)
          @Pattern(regexp = NUMBER, message = NUMBER_RULE)
          @Nullable String minPolicyVersion,
      @Parameter(hidden = true) @ParameterFamily(MetadataFilter.PREFIX) @RequestParam
          Map<String, String> parameters,
      @Parameter(hidden = true) HttpServletRequest request,
      @Parameter(hidden = true) HttpServletResponse response) {
    Duration longest = WaitTime.parse(wait);
    if (status != null && !status.stream().allMatch(TaskStatus::isTerminal)) {
      throw Refusal.badParameter("status", "range", STATUS_RULE);
    }
    TaskFilter tasks =
        new TaskFilter(
            Set.of(),
            status == null ? Set.of() : status,
            problemId,
            backendType,
            null,
            null,
            groupId,
            null,
            null,
            MetadataFilter.of(parameters));
    Filter filter =
        new Filter(tasks, minPolicyVersion == null ? null : new BigDecimal(minPolicyVersion));
    Question question =
        new Question(
            filter,
            limit,
            MediaTypes.prefersLines(request.getHeader(HttpHeaders.ACCEPT)),
            System.nanoTime() + longest.toNanos());
    Page first = scan(position(after), question);
    answer(downloads.open(request, response), first, question);
  }

  private long position(@Nullable String after) {
    long position = after == null ? 0 : FeedCursor.read(after);
    if (position > feed.last()) {
      throw Refusal.badParameter(
          "after",
          "range",
          "is ahead of the feed, so another installation has given it: leave it out to begin at the"
              + " beginning");
    }
    return position;
  }

  private Page scan(long after, Question question) {
    return feed.scan(after, question.filter(), question.limit(), settings.looked());
  }

  /** Now, or when there is something to answer with. */
  private void answer(Downloads.Open open, Page found, Question question) {
    boolean nothing = found.places().isEmpty() && !found.more();
    if (nothing && question.patience().toNanos() > 0 && waits.isRunning()) {
      waits.until(
          found.next(),
          question.patience(),
          open::isOver,
          new Waits.Waiter() {
            @Override
            public void met() {
              open.go(() -> answer(open, scan(found.next(), question), question));
            }

            @Override
            public void over() {
              met();
            }
          });
    } else {
      open.answer(
          (response, pace) -> {
            if (question.asLines()) {
              page.asLines(found, response, pace);
            } else {
              page.asObject(found, response, pace);
            }
          });
    }
  }
}

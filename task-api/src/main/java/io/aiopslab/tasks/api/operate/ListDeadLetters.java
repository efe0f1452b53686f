package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.store.DeadLetters;
import io.aiopslab.tasks.store.DeadLetters.Letter;
import io.aiopslab.tasks.task.DeadLetterState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "dead letters")
class ListDeadLetters {
  private final DeadLetters letters;
  private final FindDeadLetter one;

  ListDeadLetters(DeadLetters letters, FindDeadLetter one) {
    this.letters = letters;
    this.one = one;
  }

  @Schema(name = "DeadLetterList")
  record Page(
      List<DeadLetterView> deadLetters,
      @Schema(
              nullable = true,
              description = "What to pass as after for the next page; null at the end")
          @Nullable String next) {}

  @Operation(
      summary = "List dead letters, newest first",
      description =
          "Messages that the collector could not read or store. They are kept for good, also when"
              + " they have been sent again. Pass next as after until it is null.")
  @ApiResponse(responseCode = "200", description = "A page of dead letters")
  @GetMapping(path = "/api/v1/dead-letters", produces = MediaType.APPLICATION_JSON_VALUE)
  Page list(
      @Parameter(description = "Only letters in this state")
          @RequestParam(name = "state", required = false)
          @Nullable DeadLetterState state,
      @Parameter(
              description = "Only letters whose reason has this in it",
              example = "version 2 of a run event")
          @RequestParam(name = "reason", required = false)
          @Size(min = 1, max = 500, message = "must have 1 to 500 characters")
          @Nullable String reason,
      @Parameter(
              description = "Only letters that came, or came again, at this time or later",
              example = "2026-11-23T08:00:00Z")
          @RequestParam(name = "since", required = false)
          @Nullable Instant since,
      @Parameter(description = "next of the page before, which is the id of its last letter")
          @RequestParam(name = "after", required = false)
          @Nullable String after,
      @RequestParam(name = "limit", defaultValue = "20")
          @Range(min = 1, max = 100, message = "must be between 1 and 100")
          int limit) {
    String last = after == null ? null : one.place(after);
    List<Letter> found =
        letters.list(new DeadLetters.Filter(state, reason, since), last, limit + 1);
    List<Letter> shown = found.subList(0, Math.min(limit, found.size()));
    return new Page(
        shown.stream().map(DeadLetterView::of).toList(),
        found.size() > limit ? shown.get(limit - 1).id() : null);
  }

  @Operation(summary = "Look at a dead letter")
  @ApiResponse(responseCode = "200", description = "The letter")
  @GetMapping(path = "/api/v1/dead-letters/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  DeadLetterView look(
      @Parameter(example = DeadLetterView.EXAMPLE_ID) @PathVariable("id") String id) {
    return DeadLetterView.of(one.find(id));
  }
}

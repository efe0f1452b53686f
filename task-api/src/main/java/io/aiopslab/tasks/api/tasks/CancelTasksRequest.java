package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.FilterText;
import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.task.TaskStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which tasks are to be cancelled: those that meet every condition that is given. */
@StrictBody
@Schema(name = "CancelTasks")
record CancelTasksRequest(
    @Schema(description = "pending, running or both; left out, both", example = "[\"pending\"]")
        @Size(min = 1, max = 2, message = "must be pending, running or both")
        @Nullable List<@NotNull(message = "must not be null") TaskStatus> status,
    @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE) @Nullable String problemId,
    @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE) @Nullable String backendType,
    @Pattern(regexp = FilterText.PATTERN, message = FilterText.RULE) @Nullable String workerId,
    @Nullable UUID groupId,
    @Nullable UUID retryOf,
    @Nullable Instant createdAfter,
    @Schema(
            description = "Only tasks that were submitted earlier",
            example = "2100-01-01T00:00:00Z")
        @Nullable Instant createdBefore,
    @Schema(
            description = "Members at top level, as text: numbers and booleans match as well",
            example = "{\"experiment\": \"grpo-6\"}")
        @Size(max = 10, message = "must have at most 10 members")
        @Nullable
            Map<
                @Pattern(regexp = STORABLE, message = STORABLE_RULE) String,
                @NotNull(message = "must be a string")
                @Size(max = 1000, message = "must have at most 1000 characters")
                @Pattern(regexp = STORABLE, message = STORABLE_RULE) String>
            metadata,
    @Schema(description = "Up to 1,000 of them")
        @Size(min = 1, max = 1000, message = "must have 1 to 1000 ids")
        @Nullable List<@NotNull(message = "must not be null") UUID> ids,
    @Schema(description = "Kept with each task", example = "The policy has moved on.")
        @Size(max = CancelRequest.LONGEST_REASON, message = "must have at most 500 characters")
        @Pattern(regexp = STORABLE, message = STORABLE_RULE)
        @Nullable String reason) {
  private static final String STORABLE = "[^\\x00]*";
  private static final String STORABLE_RULE = "must not hold the character U+0000";

  /**
   * @throws Refusal if it is no condition at all, or one that nothing can meet
   */
  TaskFilter toFilter() {
    TaskFilter filter =
        new TaskFilter(
            ids == null ? Set.of() : Set.copyOf(ids),
            status == null ? Set.of() : Set.copyOf(status),
            problemId,
            backendType,
            workerId,
            retryOf,
            groupId,
            createdAfter,
            createdBefore,
            metadata == null ? Map.of() : metadata);
    if (filter.equals(TaskFilter.created(null, null))) {
      throw wrong("(body)", "required", "must have at least one condition");
    }
    String ended =
        filter.statuses().stream()
            .filter(TaskStatus::isTerminal)
            .map(TaskStatus::wire)
            .collect(Collectors.joining(", "));
    if (!ended.isEmpty()) {
      throw wrong("status", "range", "must be pending, running or both: " + ended + " is an end");
    }
    return filter;
  }

  private static Refusal wrong(String field, String rule, String message) {
    return Refusal.badRequest(
        "invalid_body",
        "Correct %s and send it again: it %s.".formatted(field, message),
        List.of(new Problem.Detail(field, rule, message)));
  }
}

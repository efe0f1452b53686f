package io.aiopslab.tasks.task;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A task as its row says, by the database's clock.
 *
 * @param id UUIDv7, so ids sort in order of submission
 * @param retryOf the ended task that this one repeats; null if it repeats none
 * @param sample its place in a group; null for a task on its own
 * @param run the session it runs or ran in; null until it is claimed
 * @param failure why it failed, or why nobody knows how its cancelled run ended; otherwise null
 * @param cancel the wish that it shall end; null unless somebody had it
 * @param publishedAt no longer noted: null, but for tasks of older versions
 * @param completedAt when it became terminal
 * @param trace the request that submitted it; null for one from the time before there were traces
 */
public record Task(
    UUID id,
    TaskSpec spec,
    @Nullable UUID retryOf,
    @Nullable Sample sample,
    TaskStatus status,
    @Nullable Run run,
    @Nullable Failure failure,
    @Nullable Cancel cancel,
    Instant createdAt,
    @Nullable Instant publishedAt,
    @Nullable Instant completedAt,
    Instant updatedAt,
    @Nullable TraceParent trace) {

  /**
   * @param index from 0
   */
  public record Sample(UUID groupId, int index) {}

  /**
   * @param sessionId made by the claim; every later write names it
   * @param workerId name of the Kind cluster
   * @param deadlineAt when the run has to be over
   */
  public record Run(UUID sessionId, String workerId, Instant startedAt, Instant deadlineAt) {}

  /**
   * @param details a sentence that a person can act on
   */
  public record Failure(FailureCode code, String details) {}

  /**
   * @param requestedAt when it was asked for first
   * @param reason in the words of who asked
   */
  public record Cancel(Instant requestedAt, @Nullable String reason) {}
}

package io.aiopslab.tasks.view;

import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.TraceParent;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A task without what its run left behind. Members that may be null are always there. */
@Schema(description = "A task as it was asked for, and where it stands")
public record TaskSummary(
    @Schema(description = "UUIDv7: ids sort in order of submission") UUID id,
    @Schema(example = "misconfig_app_hotel_res-detection-1") String problemId,
    @Schema(example = "default") String backendType,
    TaskStatus status,
    @Schema(description = "0 to 10, higher first", example = "5") int priority,
    @Schema(nullable = true, description = "With whose tasks it is in line", example = "ana/grpo-7")
        @Nullable String queue,
    Parameters parameters,
    @Schema(nullable = true, example = "https://trainer.example/done") @Nullable String callbackUrl,
    @Schema(description = "As it was submitted") ObjectNode metadata,
    @Schema(nullable = true, description = "The ended task that this one repeats")
        @Nullable UUID retryOf,
    @Schema(nullable = true, description = "The group that it is a sample of")
        @Nullable UUID groupId,
    @Schema(nullable = true, description = "Its place in the group, from 0", example = "0")
        @Nullable Integer sampleIndex,
    @Schema(
            nullable = true,
            description = "The Kind cluster that runs or ran it",
            example = "worker-001-kind")
        @Nullable String workerId,
    @Schema(nullable = true, description = "Made by the claim") @Nullable UUID sessionId,
    @Schema(nullable = true, description = "Why it failed, for programs")
        @Nullable FailureCode failureCode,
    @Schema(nullable = true, description = "Why it failed, for people")
        @Nullable String errorDetails,
    @Schema(nullable = true, description = "When its cancel was first asked for")
        @Nullable Instant cancelRequestedAt,
    @Schema(nullable = true, description = "In the words of who asked first")
        @Nullable String cancelReason,
    Instant createdAt,
    @Schema(
            nullable = true,
            deprecated = true,
            description = "No longer noted: null, but for tasks of older versions")
        @Nullable Instant publishedAt,
    @Schema(nullable = true) @Nullable Instant startedAt,
    @Schema(nullable = true, description = "When the run has to be over")
        @Nullable Instant deadlineAt,
    @Schema(nullable = true) @Nullable Instant completedAt,
    Instant updatedAt,
    @Schema(
            nullable = true,
            description =
                "The trace of everything that is done for it, as logs and tracing name it",
            example = "0af7651916cd43dd8448eb211c80319c")
        @Nullable String traceId,
    @Schema(
            nullable = true,
            description =
                "Why it goes on waiting although its backend has workers: none of them can play its"
                    + " problem")
        @Nullable String unplayable) {

  @Schema(name = "TaskParameters")
  public record Parameters(
      ObjectNode agentConfig,
      @Schema(description = "Agent turns", example = "30") int maxSteps,
      @Schema(description = "Counted from started_at", example = "30") int timeoutMinutes) {}

  public static TaskSummary of(Task task) {
    return of(task, null);
  }

  /**
   * @param unplayable why it waits in vain, as far as is known; null if it does not
   */
  public static TaskSummary of(Task task, @Nullable String unplayable) {
    Task.Run run = task.run();
    Task.Sample sample = task.sample();
    Task.Failure failure = task.failure();
    Task.Cancel cancel = task.cancel();
    TraceParent trace = task.trace();
    return new TaskSummary(
        task.id(),
        task.spec().problemId(),
        task.spec().backendType(),
        task.status(),
        task.spec().priority(),
        task.spec().queue(),
        new Parameters(
            task.spec().agentConfig(), task.spec().maxSteps(), task.spec().timeoutMinutes()),
        task.spec().callbackUrl(),
        task.spec().metadata(),
        task.retryOf(),
        sample == null ? null : sample.groupId(),
        sample == null ? null : sample.index(),
        run == null ? null : run.workerId(),
        run == null ? null : run.sessionId(),
        failure == null ? null : failure.code(),
        failure == null ? null : failure.details(),
        cancel == null ? null : cancel.requestedAt(),
        cancel == null ? null : cancel.reason(),
        task.createdAt(),
        task.publishedAt(),
        run == null ? null : run.startedAt(),
        run == null ? null : run.deadlineAt(),
        task.completedAt(),
        task.updatedAt(),
        trace == null ? null : trace.traceId(),
        unplayable);
  }
}

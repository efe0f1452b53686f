package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskGroup;
import io.aiopslab.tasks.task.TaskStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A group as trainers see it. */
@Schema(name = "Group", description = "Samples of one problem, and what they have earned so far")
public record GroupView(
    @Schema(description = "UUIDv7: ids sort in order of submission") UUID id,
    @Schema(example = "misconfig_app_hotel_res-detection-1") String problemId,
    @Schema(example = "default") String backendType,
    @Schema(
            description = "Nothing is to be waited for: all have ended, or early_stop is reached",
            example = "true")
        boolean done,
    @Schema(nullable = true, description = "How many usable samples are enough; null, all")
        @Nullable Integer earlyStop,
    @Schema(description = "Completed, with a reward", example = "6") long usable,
    @Schema(description = "Samples by status, also with 0", example = "{\"completed\": 6}")
        Map<TaskStatus, Long> byStatus,
    Rewards reward,
    Instant createdAt,
    @Schema(nullable = true, description = "When the rest was cancelled because of early_stop")
        @Nullable Instant stoppedAt,
    @Schema(description = "In order of sample_index") List<Sample> samples) {

  @Schema(
      name = "GroupRewards",
      description = "Over the rewards that exist: a failed sample is not one of 0")
  public record Rewards(
      @Schema(example = "6") int count,
      @Schema(nullable = true, example = "0.5") @Nullable Double mean,
      @Schema(
              nullable = true,
              description = "Of a sample (n - 1), as GRPO takes it; null for fewer than two",
              example = "0.55")
          @Nullable Double std) {

    static Rewards of(List<Double> rewards) {
      int n = rewards.size();
      if (n == 0) {
        return new Rewards(0, null, null);
      }
      double mean = rewards.stream().mapToDouble(Double::doubleValue).sum() / n;
      double squares = rewards.stream().mapToDouble(r -> (r - mean) * (r - mean)).sum();
      return new Rewards(n, mean, n < 2 ? null : Math.sqrt(squares / (n - 1)));
    }
  }

  @Schema(name = "GroupSample")
  public record Sample(
      UUID taskId,
      @Schema(example = "0") int sampleIndex,
      TaskStatus status,
      @Schema(nullable = true, description = "Null where there is none", example = "1.0")
          @Nullable Double reward,
      @Schema(nullable = true) @Nullable FailureCode failureCode,
      @Schema(nullable = true, example = "worker-001-kind") @Nullable String workerId,
      @Schema(nullable = true) @Nullable Instant startedAt,
      @Schema(nullable = true) @Nullable Instant completedAt,
      @Schema(
              description =
                  "Attempts that did not end well and were retried, the first one first. The sample"
                      + " is its last attempt")
          List<Attempt> earlierAttempts) {

    static Sample of(TaskGroup.Sample sample) {
      Task task = sample.task();
      Task.Run run = task.run();
      Task.Failure failure = task.failure();
      return new Sample(
          task.id(),
          Objects.requireNonNull(task.sample()).index(),
          task.status(),
          sample.reward(),
          failure == null ? null : failure.code(),
          run == null ? null : run.workerId(),
          run == null ? null : run.startedAt(),
          task.completedAt(),
          sample.earlierAttempts().stream().map(Attempt::of).toList());
    }
  }

  @Schema(name = "GroupSampleAttempt")
  public record Attempt(
      UUID taskId,
      TaskStatus status,
      @Schema(nullable = true) @Nullable FailureCode failureCode,
      @Schema(nullable = true, example = "worker-001-kind") @Nullable String workerId,
      @Schema(nullable = true) @Nullable Instant completedAt) {

    static Attempt of(Task task) {
      Task.Failure failure = task.failure();
      Task.Run run = task.run();
      return new Attempt(
          task.id(),
          task.status(),
          failure == null ? null : failure.code(),
          run == null ? null : run.workerId(),
          task.completedAt());
    }
  }

  static GroupView of(TaskGroup group) {
    Task first = group.samples().get(0).task();
    Map<TaskStatus, Long> byStatus = new TreeMap<>();
    for (TaskStatus status : TaskStatus.values()) {
      byStatus.put(status, 0L);
    }
    group.samples().forEach(sample -> byStatus.merge(sample.task().status(), 1L, Long::sum));
    return new GroupView(
        group.id(),
        first.spec().problemId(),
        first.spec().backendType(),
        group.isDone(),
        group.earlyStop(),
        group.usable(),
        byStatus,
        Rewards.of(
            group.samples().stream()
                .map(TaskGroup.Sample::reward)
                .filter(Objects::nonNull)
                .toList()),
        group.createdAt(),
        group.stoppedAt(),
        group.samples().stream().map(Sample::of).toList());
  }
}

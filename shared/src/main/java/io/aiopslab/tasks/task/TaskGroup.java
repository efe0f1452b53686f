package io.aiopslab.tasks.task;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Samples of one problem that were submitted together.
 *
 * @param earlyStop how many usable samples are enough; null if all are wanted
 * @param stoppedAt when the others were cancelled because of that; null if they were not
 * @param samples in their order
 */
public record TaskGroup(
    UUID id,
    @Nullable Integer earlyStop,
    Instant createdAt,
    @Nullable Instant stoppedAt,
    List<Sample> samples) {

  /** Most samples of a group. */
  public static final int MOST_SAMPLES = 256;

  /**
   * @param task the last attempt
   * @param reward null where there is none; a failure is never a reward of 0
   * @param earlierAttempts that it repeats, the first one first
   */
  public record Sample(Task task, @Nullable Double reward, List<Task> earlierAttempts) {

    /** The sample after one more attempt. */
    public Sample retriedAs(Sample next) {
      List<Task> earlier = new ArrayList<>(earlierAttempts);
      earlier.add(task);
      return new Sample(next.task, next.reward, List.copyOf(earlier));
    }

    /** Whether a trainer can learn from it: completed, and graded. */
    public boolean isUsable() {
      return task.status() == TaskStatus.COMPLETED && reward != null;
    }
  }

  public long usable() {
    return samples.stream().filter(Sample::isUsable).count();
  }

  /** Whether nothing is to be waited for any more: all have ended, or enough are usable. */
  public boolean isDone() {
    return samples.stream().allMatch(sample -> sample.task().status().isTerminal())
        || (earlyStop != null && usable() >= earlyStop);
  }
}

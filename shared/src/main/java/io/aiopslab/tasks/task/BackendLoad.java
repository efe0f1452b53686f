package io.aiopslab.tasks.task;

import org.jspecify.annotations.Nullable;

/**
 * How much one backend has to do, and who is there to do it.
 *
 * @param pending tasks that wait, counted up to a limit
 * @param pendingExact false if there are more than {@code pending}
 * @param oldestWaitSeconds how long the oldest pending task has waited; null if none does
 */
public record BackendLoad(
    String backendType,
    long pending,
    boolean pendingExact,
    long running,
    Fleet workers,
    @Nullable Double oldestWaitSeconds) {

  /**
   * Every worker is counted once.
   *
   * @param busy runs something, whatever an operator has said
   * @param paused would be idle, but is paused or draining
   */
  public record Fleet(long idle, long busy, long quarantined, long paused, long offline) {}
}

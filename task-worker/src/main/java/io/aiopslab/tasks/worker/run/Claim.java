package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.task.Task;

/**
 * A task that is this worker's to run.
 *
 * @param claimedNanos {@link System#nanoTime()} just before the claim: the run's time counts from
 *     here
 */
public record Claim(Task task, Task.Run run, long claimedNanos) {}

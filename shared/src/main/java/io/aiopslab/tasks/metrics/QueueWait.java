package io.aiopslab.tasks.metrics;

import io.aiopslab.tasks.task.Task;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** How long tasks waited from their submission to their claim, by the database's clock. */
public final class QueueWait {
  private final MeterRegistry meters;

  public QueueWait(MeterRegistry meters) {
    this.meters = meters;
  }

  /** To be called once for each claim that was won. */
  public void record(Task task, Task.Run run) {
    of(task.spec().backendType()).record(Duration.between(task.createdAt(), run.startedAt()));
  }

  /** The timer of one backend; it is exported from the first call on. */
  public Timer of(String backendType) {
    return Timer.builder("aiopslab.queue.wait")
        .description("From the submission of a task to its claim")
        .tag("backend", backendType)
        .serviceLevelObjectives(Buckets.waiting())
        .register(meters);
  }
}

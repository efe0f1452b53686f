package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.collector.group.StopGroups;
import io.aiopslab.tasks.store.SchemaGate;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Runs the sweeps, one after the other, from the moment the schema is there. */
@Component
final class SweepSchedule implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(SweepSchedule.class);
  private static final long STOP_SECONDS = 20;

  private final SchemaGate schema;
  private final LogPartitionKeeper partitions;
  private final OverdueTaskSweeper overdue;
  private final LostWorkerSweeper lost;
  private final UnansweredCancelSweeper cancels;
  private final StopGroups groups;
  private final CollectorSettings settings;
  private @Nullable ScheduledExecutorService running;

  SweepSchedule(
      SchemaGate schema,
      LogPartitionKeeper partitions,
      OverdueTaskSweeper overdue,
      LostWorkerSweeper lost,
      UnansweredCancelSweeper cancels,
      StopGroups groups,
      CollectorSettings settings) {
    this.schema = schema;
    this.partitions = partitions;
    this.overdue = overdue;
    this.lost = lost;
    this.cancels = cancels;
    this.groups = groups;
    this.settings = settings;
  }

  @Override
  public synchronized void start() {
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "sweeps"));
    var unused =
        executor.scheduleWithFixedDelay(
            this::sweep, 0, settings.sweepInterval().toMillis(), TimeUnit.MILLISECONDS);
    running = executor;
  }

  private void sweep() {
    if (schema.isOpen()) {
      attempt("partitions for log lines", partitions::runOnce);
      attempt("overdue tasks", overdue::runOnce);
      attempt("lost workers", lost::runOnce);
      attempt("unanswered cancels", cancels::runOnce);
      attempt("groups with enough samples", groups::runOnce);
    }
  }

  private static void attempt(String what, Runnable sweep) {
    try {
      sweep.run();
    } catch (RuntimeException e) {
      log.warn("The sweep for {} failed and will be tried again: {}", what, e.toString());
    }
  }

  @Override
  public synchronized void stop() {
    ScheduledExecutorService executor = running;
    running = null;
    if (executor == null) {
      return;
    }
    executor.shutdown();
    try {
      if (!executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return running != null;
  }
}

package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.store.BackendControls;
import io.aiopslab.tasks.store.BackendLoads;
import io.aiopslab.tasks.store.WorkerCounts;
import io.aiopslab.tasks.task.BackendLoad;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * What the database says of each backend, as gauges: at every third sweep, from partial indexes. It
 * is the same at every collector.
 */
@Component
final class BackendFigures {
  private static final int EVERY = 3;
  private static final int MOST_PENDING = 100_000;

  private final BackendLoads loads;
  private final WorkerCounts workers;
  private final BackendControls controls;
  private final Duration silence;
  private final MultiGauge taskCounts;
  private final MultiGauge oldestPending;
  private final MultiGauge workerCounts;
  private final MultiGauge paused;
  private int sweeps;

  BackendFigures(
      BackendLoads loads,
      WorkerCounts workers,
      BackendControls controls,
      CollectorSettings settings,
      MeterRegistry meters) {
    this.loads = loads;
    this.workers = workers;
    this.controls = controls;
    this.silence = settings.lostWorkerAfter();
    this.taskCounts =
        gauge(meters, "tasks", "Tasks that have not ended; pending ones are counted to 100,000");
    this.oldestPending =
        MultiGauge.builder("aiopslab.backend.oldest.pending")
            .description("How long the oldest pending task has waited; 0 if none does")
            .baseUnit("seconds")
            .register(meters);
    this.workerCounts = gauge(meters, "workers", "Workers that have ever registered, by state");
    this.paused = gauge(meters, "paused", "1 while an operator lets nothing of the backend start");
  }

  private static MultiGauge gauge(MeterRegistry meters, String name, String description) {
    return MultiGauge.builder("aiopslab.backend." + name).description(description).register(meters);
  }

  /** Looks at the first, the fourth, ... call; one that fails is repeated by the next. */
  void runOnce() {
    if (sweeps % EVERY == 0) {
      look();
    }
    sweeps++;
  }

  private void look() {
    List<BackendLoad> all = loads.list(silence, MOST_PENDING);
    List<WorkerCounts.Count> counts = workers.byState(silence);
    Set<String> held = controls.pausedAmong(backendTypes(all)).keySet();
    taskCounts.register(all.stream().flatMap(BackendFigures::tasks).toList(), true);
    oldestPending.register(all.stream().map(BackendFigures::oldest).toList(), true);
    workerCounts.register(counts.stream().map(BackendFigures::workers).toList(), true);
    paused.register(
        backendTypes(all).stream().map(type -> row(type, held.contains(type) ? 1 : 0)).toList(),
        true);
  }

  private static List<String> backendTypes(List<BackendLoad> loads) {
    return loads.stream().map(BackendLoad::backendType).toList();
  }

  private static Stream<Row<?>> tasks(BackendLoad load) {
    return Stream.of(
        row(load.backendType(), load.pending(), "status", "pending"),
        row(load.backendType(), load.running(), "status", "running"));
  }

  private static Row<?> oldest(BackendLoad load) {
    return row(load.backendType(), Objects.requireNonNullElse(load.oldestWaitSeconds(), 0.0));
  }

  private static Row<?> workers(WorkerCounts.Count count) {
    return row(count.backendType(), count.workers(), "state", count.state());
  }

  private static Row<?> row(String backendType, Number value, String... more) {
    return Row.of(Tags.of("backend", backendType).and(more), value);
  }
}

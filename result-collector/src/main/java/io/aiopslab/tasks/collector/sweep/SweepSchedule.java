package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.collector.group.StopGroups;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.store.SchemaGate;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Runs the sweeps, one after the other, from the moment the schema is there. */
@Component
final class SweepSchedule {
  private static final Logger log = LoggerFactory.getLogger(SweepSchedule.class);

  private final LogPartitionKeeper partitions;
  private final OverdueTaskSweeper overdue;
  private final LostWorkerSweeper lost;
  private final UnansweredCancelSweeper cancels;
  private final StopGroups groups;
  private final BackendFigures figures;
  private final MeterRegistry meters;

  private enum Sweep {
    LOG_PARTITIONS,
    OVERDUE_TASKS,
    LOST_WORKERS,
    UNANSWERED_CANCELS,
    EARLY_STOPS,
    BACKEND_FIGURES;

    String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  SweepSchedule(
      SchemaGate schema,
      LogPartitionKeeper partitions,
      OverdueTaskSweeper overdue,
      LostWorkerSweeper lost,
      UnansweredCancelSweeper cancels,
      StopGroups groups,
      BackendFigures figures,
      CollectorSettings settings,
      Loops loops,
      MeterRegistry meters) {
    this.partitions = partitions;
    this.overdue = overdue;
    this.lost = lost;
    this.cancels = cancels;
    this.groups = groups;
    this.figures = figures;
    this.meters = meters;
    for (Sweep sweep : Sweep.values()) {
      timer(sweep, "ok");
      timer(sweep, "failed");
    }
    loops.loop("sweeps").after(schema::await).every(settings.sweepInterval()).run(this::sweepOnce);
  }

  private void sweepOnce() {
    attempt(Sweep.LOG_PARTITIONS, partitions::runOnce);
    attempt(Sweep.OVERDUE_TASKS, overdue::runOnce);
    attempt(Sweep.LOST_WORKERS, lost::runOnce);
    attempt(Sweep.UNANSWERED_CANCELS, cancels::runOnce);
    attempt(Sweep.EARLY_STOPS, groups::runOnce);
    attempt(Sweep.BACKEND_FIGURES, figures::runOnce);
  }

  private void attempt(Sweep sweep, Runnable once) {
    Timer.Sample sample = Timer.start(meters);
    String outcome = "ok";
    try {
      once.run();
    } catch (RuntimeException | Error e) {
      outcome = "failed";
      log.warn("The sweep {} failed and will be tried again: {}", sweep.tag(), e.toString());
    } finally {
      sample.stop(timer(sweep, outcome));
    }
  }

  private Timer timer(Sweep sweep, String outcome) {
    return Timer.builder("aiopslab.collector.sweeps")
        .description("Looks for what nobody reports, and how long they took")
        .tag("sweep", sweep.tag())
        .tag("outcome", outcome)
        .register(meters);
  }
}

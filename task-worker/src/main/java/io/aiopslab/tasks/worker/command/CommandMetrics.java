package io.aiopslab.tasks.worker.command;

import io.aiopslab.tasks.worker.run.ActiveRuns;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Counts what became of commands. */
final class CommandMetrics {
  private final MeterRegistry meters;

  CommandMetrics(MeterRegistry meters) {
    this.meters = meters;
    for (ActiveRuns.Cancel outcome : ActiveRuns.Cancel.values()) {
      cancels(tag(outcome));
    }
    ActiveRuns.stepOutcomes().forEach(this::steps);
  }

  void cancelled(ActiveRuns.Cancel outcome) {
    cancels(tag(outcome)).increment();
  }

  /**
   * @param why there is nothing to do
   */
  void leftAlone(String why) {
    cancels(why).increment();
  }

  /**
   * @param outcome as {@link ActiveRuns#step} gives it
   */
  void stepped(String outcome) {
    steps(outcome).increment();
  }

  private Counter cancels(String outcome) {
    return Counter.builder("aiopslab.worker.cancels")
        .description("Wishes to end a run that have reached this worker, by what came of them")
        .tag("outcome", outcome)
        .register(meters);
  }

  private Counter steps(String outcome) {
    return Counter.builder("aiopslab.worker.steps")
        .description("Actions for interactive sessions, by what came of them")
        .tag("outcome", outcome)
        .register(meters);
  }

  private static String tag(ActiveRuns.Cancel outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }
}

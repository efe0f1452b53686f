package io.aiopslab.tasks.worker.run;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** Counts runners' ends; each cause is exported from the start, so that its first time shows. */
final class RunnerExits {
  private final Map<EndCause, Counter> counters = new EnumMap<>(EndCause.class);

  RunnerExits(MeterRegistry meters) {
    for (EndCause cause : EndCause.values()) {
      counters.put(
          cause,
          Counter.builder("aiopslab.worker.runner.exits")
              .description("Runner processes that have ended, by why")
              .tag("cause", cause.tag())
              .register(meters));
    }
  }

  void count(EndCause cause) {
    Objects.requireNonNull(counters.get(cause)).increment();
  }
}

package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Measured;
import io.aiopslab.tasks.message.RunEventBody.PhaseEntered;
import io.aiopslab.tasks.message.RunEventBody.StepTaken;
import io.aiopslab.tasks.store.RunProgress.Advance;
import io.aiopslab.tasks.task.Phase;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What a batch of events says of each run's progress, in one {@link Advance} a task. */
final class FoldProgress {
  private Phase phase = Phase.SETUP;
  private long phaseSeq = -1;
  private int steps;
  private final Map<String, Double> metrics = new HashMap<>();
  private Instant lastEventAt = Instant.EPOCH;

  private FoldProgress() {}

  static List<Advance> of(Collection<RunEvent> events) {
    Map<UUID, FoldProgress> byTask = new LinkedHashMap<>();
    for (RunEvent event : events) {
      byTask.computeIfAbsent(event.taskId(), id -> new FoldProgress()).add(event);
    }
    return byTask.entrySet().stream().map(e -> e.getValue().advance(e.getKey())).toList();
  }

  private void add(RunEvent event) {
    if (event.at().isAfter(lastEventAt)) {
      lastEventAt = event.at();
    }
    if (event.body() instanceof PhaseEntered entered && event.seq() > phaseSeq) {
      phase = entered.phase();
      phaseSeq = event.seq();
    } else if (event.body() instanceof Measured measured) {
      metrics.putAll(measured.values());
    } else if (event.body() instanceof StepTaken taken && taken.step().role().equals("env")) {
      // A turn is done when the environment has answered it.
      steps = Math.max(steps, taken.step().turn() + 1);
    }
  }

  private Advance advance(UUID taskId) {
    return new Advance(taskId, phase, phaseSeq, steps, Map.copyOf(metrics), lastEventAt);
  }
}

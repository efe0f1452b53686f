package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.store.RunProgress.Advance;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** How far one run has come in one batch; to be told of its events in order of seq. */
final class AdvanceFold {
  private final UUID taskId;
  private final Map<String, Double> metrics = new HashMap<>();
  private Phase phase = Phase.SETUP;
  private long phaseSeq = -1;
  private int turnsDone;
  private Instant lastEventAt = Instant.MIN;

  AdvanceFold(UUID taskId) {
    this.taskId = taskId;
  }

  void heardAt(Instant at) {
    lastEventAt = at.isAfter(lastEventAt) ? at : lastEventAt;
  }

  void entered(Phase next, long seq) {
    phase = next;
    phaseSeq = seq;
  }

  /** The environment's answer completes a turn; the agent's message says the ones before are. */
  void took(Step step) {
    took(Step.isAgents(step.role()) ? step.turn() : step.turn() + 1);
  }

  void took(int turns) {
    turnsDone = Math.max(turnsDone, turns);
  }

  void measured(Map<String, Double> values) {
    metrics.putAll(values);
  }

  Advance toAdvance() {
    return new Advance(taskId, phase, phaseSeq, turnsDone, Map.copyOf(metrics), lastEventAt);
  }
}

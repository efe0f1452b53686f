package io.aiopslab.tasks.worker.command;

import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.message.UnreadableMessageException;
import io.aiopslab.tasks.worker.run.ActiveRuns;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Does what a command says, or counts why there is nothing to do. */
@Component
class ObeyCommand {
  private static final Logger log = LoggerFactory.getLogger(ObeyCommand.class);

  private final ActiveRuns runs;
  private final CommandMetrics metrics;

  ObeyCommand(ActiveRuns runs, MeterRegistry meters) {
    this.runs = runs;
    this.metrics = new CommandMetrics(meters);
  }

  void obey(byte[] message) {
    try {
      ClusterCommand command = ClusterCommand.fromBytes(message);
      if (command.kind().equals(ClusterCommand.CANCEL)) {
        cancel(command.sessionId());
      } else if (command.kind().equals(ClusterCommand.STEP) && command.step() != null) {
        step(command.sessionId(), command.step());
      } else {
        log.warn("Left alone a command of kind {}: update this worker", command.kind());
        metrics.leftAlone("unknown_kind");
      }
    } catch (UnreadableMessageException e) {
      log.warn(
          "Left alone what is no command; look at who sends to exchange {}: {}",
          Topology.CLUSTERS.name(),
          e.getMessage());
      metrics.leftAlone("unreadable");
    }
  }

  void cancel(UUID session) {
    ActiveRuns.Cancel outcome = runs.cancel(session);
    if (outcome == ActiveRuns.Cancel.ENDING) {
      log.info("Ending the run of session {}: its cancel was requested", session);
    }
    metrics.cancelled(outcome);
  }

  private void step(UUID session, ClusterCommand.Step step) {
    metrics.stepped(runs.step(session, step));
  }
}

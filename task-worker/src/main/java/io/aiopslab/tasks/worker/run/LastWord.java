package io.aiopslab.tasks.worker.run;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a runner said about how the run went; the first one counts. */
sealed interface LastWord {
  /** What the environment itself can prove about the run. */
  @Nullable ObjectNode attestation();

  record Result(RunnerMessage.Result result) implements LastWord {
    @Override
    public @Nullable ObjectNode attestation() {
      return result.attestation();
    }
  }

  record Failure(RunnerMessage.Failed failure) implements LastWord {
    @Override
    public @Nullable ObjectNode attestation() {
      return failure.attestation();
    }
  }

  /**
   * @param sentence what the worker could not understand
   */
  record Malformed(String sentence) implements LastWord {
    @Override
    public @Nullable ObjectNode attestation() {
      return null;
    }
  }
}

package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the runner says: {@code docs/runner-protocol.md}. */
sealed interface RunnerMessage {

  /** The runner has started. */
  record Ready(ObjectNode details) implements RunnerMessage {}

  /** The environment is set up: description, instructions, actions. */
  record Session(Briefing briefing) implements RunnerMessage {}

  /**
   * Whoever acts in an interactive session is waited for.
   *
   * @param index of the action that comes next
   */
  record Awaiting(int index) implements RunnerMessage {}

  record Phased(Phase phase) implements RunnerMessage {}

  record Stepped(Step step) implements RunnerMessage {}

  record Logged(Instant ts, LogLevel level, String message, @Nullable ObjectNode context)
      implements RunnerMessage {}

  /**
   * @param facts what the environment itself can prove about the run
   */
  record Attested(ObjectNode facts) implements RunnerMessage {}

  /**
   * @param content the result JSON that AIOpsLab itself wrote
   */
  record AiopslabResult(ObjectNode content) implements RunnerMessage {}

  record Measured(Map<String, Double> values) implements RunnerMessage {}

  /**
   * The run came to its end.
   *
   * @param results the environment's own; kept as they came
   * @param metrics token counts and seconds per phase
   * @param details the whole message
   */
  record Result(
      @Nullable String environment,
      @Nullable JsonNode results,
      @Nullable Boolean success,
      @Nullable Double reward,
      Map<String, Double> rewardComponents,
      @Nullable String stopReason,
      @Nullable Integer steps,
      Map<String, Double> metrics,
      ObjectNode details)
      implements RunnerMessage {}

  /** The run could not be done. */
  record Failed(FailureCode code, String message, @Nullable ObjectNode details)
      implements RunnerMessage {}
}

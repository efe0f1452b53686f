package io.aiopslab.tasks.api.sessions;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.StepAnswer;
import io.aiopslab.tasks.store.SessionActions.Taken;
import io.aiopslab.tasks.task.TaskResult;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What came of one action. */
@Schema(name = "SessionStep", description = "An action of a session, and what came of it")
record StepView(
    @Schema(description = "Which action, from 0") int index,
    @Schema(description = "The action itself; only in a session's history")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable String action,
    @Schema(description = "False as long as the environment is at it: nothing else is known then")
        boolean answered,
    @Schema(nullable = true, description = "What the environment said")
        @Nullable String observation,
    @Schema(description = "Whether the session has ended with this action") boolean done,
    @Schema(nullable = true, description = "Once done: 0 to 1; null where there was no grade")
        @Nullable Double reward,
    @Schema(description = "Once done: what the reward is made of")
        Map<String, Double> rewardComponents,
    @Schema(description = "Once done: whether max_steps were used up without a submission")
        boolean truncated,
    @Schema(
            description =
                "environment_ms; once done also stop_reason, success, and results, AIOpsLab's own")
        ObjectNode info) {

  static StepView of(StepAnswer answer) {
    return new StepView(
        answer.index(),
        null,
        true,
        answer.observation(),
        false,
        null,
        Map.of(),
        false,
        info(answer.environmentMs()));
  }

  /**
   * @param result of the run; needed only where the action ended it
   */
  static StepView of(Taken taken, @Nullable TaskResult result) {
    ObjectNode info = info(taken.environmentMs());
    TaskResult graded = taken.done() ? result : null;
    if (graded != null) {
      info.put("stop_reason", graded.stopReason());
      info.put("success", graded.success());
      info.set("results", graded.output());
    }
    return new StepView(
        taken.index(),
        null,
        taken.answeredAt() != null,
        taken.observation(),
        taken.done(),
        graded == null ? null : graded.reward(),
        graded == null ? Map.of() : graded.rewardComponents(),
        graded != null && "max_steps".equals(graded.stopReason()),
        info);
  }

  static StepView unanswered(int index) {
    return new StepView(index, null, false, null, false, null, Map.of(), false, info(null));
  }

  StepView with(String itsAction) {
    return new StepView(
        index, itsAction, answered, observation, done, reward, rewardComponents, truncated, info);
  }

  private static ObjectNode info(@Nullable Double environmentMs) {
    ObjectNode info = Json.mapper().createObjectNode();
    if (environmentMs != null) {
      info.put("environment_ms", environmentMs);
    }
    return info;
  }
}

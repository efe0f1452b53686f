package io.aiopslab.tasks.api.trajectories;

import static io.aiopslab.tasks.api.trajectories.WriteTrajectory.number;

import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * How an episode ended. A run that did not come to its end has no reward, whatever was reported.
 *
 * @param terminated by what the agent did
 * @param truncated by anything else: its turns were used up, it failed, it was cancelled
 */
record Ending(
    @Nullable String stopReason,
    @Nullable Boolean success,
    @Nullable Double reward,
    Map<String, Double> rewardComponents,
    boolean terminated,
    boolean truncated) {
  private static final String MAX_STEPS = "max_steps";

  static Ending of(Task task, @Nullable TaskResult result) {
    if (task.status() == TaskStatus.COMPLETED && result != null) {
      boolean truncated = MAX_STEPS.equals(result.stopReason());
      return new Ending(
          result.stopReason(),
          result.success(),
          result.reward(),
          result.rewardComponents(),
          !truncated,
          truncated);
    }
    Task.Failure failure = task.failure();
    String why = failure == null ? task.status().wire() : failure.code().wire();
    return new Ending(why, null, null, Map.of(), false, true);
  }

  void writeGrade(JsonGenerator out) {
    if (success == null) {
      out.writeNullProperty("success");
    } else {
      out.writeBooleanProperty("success", success);
    }
    number(out, "reward", reward);
    out.writeObjectPropertyStart("reward_components");
    rewardComponents.forEach(out::writeNumberProperty);
    out.writeEndObject();
    out.writeBooleanProperty("terminated", terminated);
    out.writeBooleanProperty("truncated", truncated);
  }
}

package io.aiopslab.tasks.task;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One message of the trajectory.
 *
 * @param index position in the trajectory, from 0 without gaps
 * @param turn the agent's turn it belongs to, from 0
 * @param role {@code assistant} or {@code env}, AIOpsLab's own names, or {@code tool}, what an HTTP
 *     worker may call an observation
 * @param modelMs time the agent took, in milliseconds
 * @param environmentMs time the environment took, in milliseconds
 * @param tokens token counts or ids, where the model's server gave them
 * @param logprobs log-probabilities, where the model's server gave them
 * @param model what else the model's server said: finish reason, usage, policy version
 */
public record Step(
    int index,
    int turn,
    String role,
    String content,
    @Nullable Double modelMs,
    @Nullable Double environmentMs,
    @Nullable JsonNode tokens,
    @Nullable JsonNode logprobs,
    @Nullable JsonNode model,
    Instant at) {

  /** Whether such a message is the agent's own; all others are what it observed. */
  public static boolean isAgents(String role) {
    return role.equals("assistant");
  }

  public Step {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(at, "at");
    if (index < 0 || turn < 0) {
      throw new IllegalArgumentException("index and turn must be 0 or more");
    }
  }
}

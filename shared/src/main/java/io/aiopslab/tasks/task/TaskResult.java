package io.aiopslab.tasks.task;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a run reported at its end.
 *
 * @param environment {@code simulator}, {@code aiopslab} or {@code command}
 * @param success whether the problem was solved; null where grading did not run
 * @param reward 0 to 1; null where there is none. A failure is never a reward of 0.
 * @param rewardComponents what the reward was made of
 * @param metrics numbers of the run, by name
 * @param output the environment's own results, as they came
 * @param attestation the environment's proof: which cluster, clean before, fault injected, cleaned
 *     up; null where nobody attests
 * @param stopReason why the agent stopped: {@code submitted}, {@code max_steps}, …
 * @param steps agent turns
 * @param logLines lines that the run logged: their seqs are 0 to logLines - 1
 */
public record TaskResult(
    @Nullable String environment,
    @Nullable Boolean success,
    @Nullable Double reward,
    Map<String, Double> rewardComponents,
    Map<String, Double> metrics,
    @Nullable JsonNode output,
    @Nullable JsonNode attestation,
    @Nullable String stopReason,
    int steps,
    long logLines) {

  public TaskResult {
    rewardComponents = finite(rewardComponents);
    metrics = finite(metrics);
    if (reward != null && !(reward >= 0 && reward <= 1)) {
      throw new IllegalArgumentException("reward must be from 0 to 1, not " + reward);
    }
  }

  /**
   * A copy; JSON has no other numbers, and {@code 1e400} is read as an infinite one.
   *
   * @throws IllegalArgumentException if a number is not finite
   */
  public static Map<String, Double> finite(Map<String, Double> numbers) {
    numbers.forEach(
        (name, number) -> {
          if (!Double.isFinite(number)) {
            throw new IllegalArgumentException(name + " must be a finite number, not " + number);
          }
        });
    return Map.copyOf(numbers);
  }
}

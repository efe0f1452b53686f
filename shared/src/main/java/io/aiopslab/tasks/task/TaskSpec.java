package io.aiopslab.tasks.task;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a trainer asks for.
 *
 * @param problemId id of an AIOpsLab problem, 1 to 200 characters
 * @param backendType which workers may run it; a DNS-1123 label
 * @param priority 0 to 10, higher first; of equal ones, each queue in turn
 * @param maxSteps agent turns, 1 to 1000
 * @param timeoutMinutes 1 to 180, counted from the start of the run
 * @param agentConfig which agent, and how it is set
 * @param metadata the trainer's own; returned as it came
 * @param callbackUrl where to tell of the end
 * @param queue with whose tasks it is in line, first come first served; null for those without one
 */
public record TaskSpec(
    String problemId,
    String backendType,
    int priority,
    int maxSteps,
    int timeoutMinutes,
    ObjectNode agentConfig,
    ObjectNode metadata,
    @Nullable String callbackUrl,
    @Nullable String queue) {

  public static final String DEFAULT_BACKEND_TYPE = "default";
  public static final int DEFAULT_PRIORITY = 5;
  public static final int DEFAULT_MAX_STEPS = 30;
  public static final int DEFAULT_TIMEOUT_MINUTES = 30;

  /** A DNS-1123 label: names of backends and of workers. */
  public static final String LABEL_PATTERN = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

  /** What a queue may be called. */
  public static final String QUEUE_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$";

  /** In no queue of its own. */
  public TaskSpec(
      String problemId,
      String backendType,
      int priority,
      int maxSteps,
      int timeoutMinutes,
      ObjectNode agentConfig,
      ObjectNode metadata,
      @Nullable String callbackUrl) {
    this(
        problemId,
        backendType,
        priority,
        maxSteps,
        timeoutMinutes,
        agentConfig,
        metadata,
        callbackUrl,
        null);
  }

  /** The same with another configuration. */
  public TaskSpec with(ObjectNode config) {
    return new TaskSpec(
        problemId,
        backendType,
        priority,
        maxSteps,
        timeoutMinutes,
        config,
        metadata,
        callbackUrl,
        queue);
  }
}

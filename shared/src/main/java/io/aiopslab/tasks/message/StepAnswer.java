package io.aiopslab.tasks.message;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What came of one action of an interactive session that goes on, from the worker straight to who
 * asked. A hint of what the collector stores as well: lost, it is asked for again.
 *
 * @param v version of the format, 1
 * @param sessionId the run that acted
 * @param environmentMs time the environment took, in milliseconds; null where it did not say
 */
public record StepAnswer(
    int v,
    UUID taskId,
    UUID sessionId,
    int index,
    String observation,
    @Nullable Double environmentMs) {
  public static final int VERSION = 1;

  public StepAnswer {
    Objects.requireNonNull(taskId, "task_id");
    Objects.requireNonNull(sessionId, "session_id");
    Objects.requireNonNull(observation, "observation");
  }

  public byte[] toBytes() {
    return Json.mapper().writeValueAsBytes(this);
  }

  /**
   * @throws UnreadableMessageException if the bytes are no answer of a known version
   */
  public static StepAnswer fromBytes(byte[] bytes) {
    try {
      StepAnswer answer = Json.mapper().readValue(bytes, StepAnswer.class);
      if (answer != null && answer.v() == VERSION) {
        return answer;
      }
    } catch (JacksonException | StackOverflowError e) {
      throw new UnreadableMessageException("not the answer to a step", e);
    }
    throw new UnreadableMessageException("not the answer to a step, version " + VERSION, null);
  }
}

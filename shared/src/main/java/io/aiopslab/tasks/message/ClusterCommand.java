package io.aiopslab.tasks.message;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Something that the worker of one Kind cluster shall do. Sent as often as it takes: doing it twice
 * is as doing it once.
 *
 * @param v version of the format, 1
 * @param kind {@code cancel} or {@code step}; a worker leaves alone what it does not know
 * @param sessionId the only run that is meant
 * @param step only where the kind is {@code step}
 */
public record ClusterCommand(int v, String kind, UUID taskId, UUID sessionId, @Nullable Step step) {
  public static final int VERSION = 1;
  public static final String CANCEL = "cancel";
  public static final String STEP = "step";

  /**
   * What an interactive session shall do next.
   *
   * @param index of the action, from 0; the run does each once, however often it is told
   * @param replyTo queue that waits for a {@link StepAnswer}
   */
  public record Step(int index, String action, String replyTo) {
    public Step {
      Objects.requireNonNull(action, "action");
      Objects.requireNonNull(replyTo, "reply_to");
    }
  }

  public ClusterCommand {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(taskId, "task_id");
    Objects.requireNonNull(sessionId, "session_id");
    if (kind.equals(STEP) && step == null) {
      throw new IllegalArgumentException("a command of kind step has a step");
    }
  }

  public static ClusterCommand cancel(UUID taskId, UUID sessionId) {
    return new ClusterCommand(VERSION, CANCEL, taskId, sessionId, null);
  }

  public static ClusterCommand step(UUID taskId, UUID sessionId, Step step) {
    return new ClusterCommand(VERSION, STEP, taskId, sessionId, step);
  }

  /** Stays the same however often the command is sent. */
  public String messageId() {
    String of = kind + ":" + sessionId;
    return step == null ? of : of + ":" + step.index();
  }

  public byte[] toBytes() {
    return Json.mapper().writeValueAsBytes(this);
  }

  /**
   * @throws UnreadableMessageException if the bytes are no command of a known version
   */
  public static ClusterCommand fromBytes(byte[] bytes) {
    ClusterCommand command;
    try {
      command = Json.mapper().readValue(bytes, ClusterCommand.class);
    } catch (JacksonException | StackOverflowError e) {
      throw new UnreadableMessageException("not a command: " + preview(bytes), e);
    }
    if (command == null || command.v() != VERSION) {
      throw new UnreadableMessageException(
          "not a command of version " + VERSION + ": " + preview(bytes), null);
    }
    return command;
  }

  private static String preview(byte[] bytes) {
    return new String(bytes, 0, Math.min(bytes.length, 80), StandardCharsets.UTF_8);
  }
}

package io.aiopslab.tasks.message;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import tools.jackson.core.JacksonException;

/**
 * Something that happened in a run, on its way from the worker to the collector.
 *
 * @param v version of the format, 1
 * @param sessionId the claim that the run belongs to
 * @param seq position among the run's events, from 0 without gaps
 * @param at by the worker's clock
 */
public record RunEvent(
    int v, UUID taskId, UUID sessionId, String workerId, long seq, Instant at, RunEventBody body) {
  public static final int VERSION = 1;

  /** A parser quotes what it cannot read, which may be a megabyte. In characters. */
  private static final int LONGEST_REASON = 300;

  public RunEvent {
    Objects.requireNonNull(taskId, "task_id");
    Objects.requireNonNull(sessionId, "session_id");
    Objects.requireNonNull(workerId, "worker_id");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(body, "body");
    if (seq < 0) {
      throw new IllegalArgumentException("seq must be 0 or more, not " + seq);
    }
  }

  /** Stays the same however often the event is sent. */
  public String messageId() {
    return sessionId + ":" + seq;
  }

  public byte[] toBytes() {
    return Json.mapper().writeValueAsBytes(this);
  }

  /**
   * @throws UnreadableMessageException if the bytes are no event of a known version
   */
  public static RunEvent fromBytes(byte[] bytes) {
    RunEvent event;
    try {
      event = Json.mapper().readValue(bytes, RunEvent.class);
    } catch (JacksonException | StackOverflowError e) {
      throw new UnreadableMessageException("not a run event: " + firstLine(e), e);
    }
    if (event == null) {
      throw new UnreadableMessageException("not a run event: " + preview(bytes), null);
    }
    if (event.v() != VERSION) {
      throw new UnreadableMessageException(
          "version " + event.v() + " of a run event; this collector reads " + VERSION, null);
    }
    return event;
  }

  private static String firstLine(Throwable e) {
    String line =
        String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
    return line.substring(0, Math.min(line.length(), LONGEST_REASON));
  }

  private static String preview(byte[] bytes) {
    return new String(bytes, 0, Math.min(bytes.length, 80), StandardCharsets.UTF_8);
  }
}

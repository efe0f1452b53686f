package io.aiopslab.tasks.api.follow;

import io.aiopslab.tasks.api.web.Refusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client has seen of a task; every event's id is one, such as {@code 41.7.running.1f}.
 *
 * @param log seq of the last line; -1 for none
 * @param step index of the last message; -1 for none
 * @param stage the last status, or {@code none} before it, {@code result} and {@code end} behind it
 * @param progress a fingerprint of the last progress, so that it is not repeated; 0 for none
 */
record Position(long log, long step, String stage, int progress) {
  static final Position START = new Position(-1, -1, "none", 0);
  static final String RESULT = "result";
  static final String END = "end";

  private static final Pattern FORM =
      Pattern.compile(
          "(-1|[0-9]{1,18})\\.(-1|[0-9]{1,9})"
              + "\\.(none|pending|running|completed|failed|cancelled|result|end)"
              + "\\.([0-9a-f]{1,8})");

  /**
   * @throws Refusal if no stream has sent it
   */
  static Position parse(@Nullable String id) {
    if (id == null || id.isEmpty()) {
      return START;
    }
    Matcher matcher = FORM.matcher(id);
    if (!matcher.matches()) {
      throw Refusal.badParameter(
          "last_event_id", "format", "must be the id of an event that this stream has sent");
    }
    return new Position(
        Long.parseLong(matcher.group(1)),
        Long.parseLong(matcher.group(2)),
        matcher.group(3),
        Integer.parseUnsignedInt(matcher.group(4), 16));
  }

  boolean isEnd() {
    return stage.equals(END);
  }

  Position atLog(long seq) {
    return new Position(seq, step, stage, progress);
  }

  Position atStep(long index) {
    return new Position(log, index, stage, progress);
  }

  Position atStage(String next) {
    return new Position(log, step, next, progress);
  }

  Position atProgress(int fingerprint) {
    return new Position(log, step, stage, fingerprint);
  }

  @Override
  public String toString() {
    return "%d.%d.%s.%s".formatted(log, step, stage, Integer.toHexString(progress));
  }
}

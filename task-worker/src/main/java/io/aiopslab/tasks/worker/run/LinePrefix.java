package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.task.LogLevel;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The beginning of a log line: times, brackets and separators, until a level or something else. */
final class LinePrefix {
  private static final int MOST_PARTS = 8;
  private static final int LONGEST_PART = 64;
  private static final String SEPARATORS = " \t-|:";
  private static final String ENDS = " \t|[]";

  private final String line;
  private int at;
  private boolean hasTime;

  LinePrefix(String line) {
    this.line = line;
  }

  /** Null where there is none. */
  @Nullable LogLevel level() {
    for (int part = 0; part < MOST_PARTS; part++) {
      while (at < line.length() && SEPARATORS.indexOf(line.charAt(at)) >= 0) {
        at++;
      }
      if (at == line.length()) {
        return null;
      }
      int start = at;
      LogLevel level = line.charAt(at) == '[' ? brackets() : token();
      if (level != null || at == start) {
        return level;
      }
    }
    return null;
  }

  private @Nullable LogLevel brackets() {
    int end = line.indexOf(']', at);
    if (end < 0 || end - at > LONGEST_PART) {
      return null;
    }
    String inside = line.substring(at + 1, end).strip();
    at = end + 1;
    return LogLevel.ofWord(inside);
  }

  private @Nullable LogLevel token() {
    int end = at;
    while (end < line.length() && end - at < LONGEST_PART && ENDS.indexOf(line.charAt(end)) < 0) {
      end++;
    }
    String token = line.substring(at, end);
    if (isTime(token)) {
      hasTime = true;
      at = end;
      return null;
    }
    LogLevel level = level(token);
    if (level == null && hasTime && line.startsWith(" - ", end)) {
      at = end; // the logger's name, between time and level
    }
    return level;
  }

  /** {@code ERROR}, {@code ERROR:…}, {@code error:…}, {@code level=error}. */
  private static @Nullable LogLevel level(String token) {
    if (token.startsWith("level=")) {
      return LogLevel.ofWord(token.substring("level=".length()).replace("\"", ""));
    }
    int colon = token.indexOf(':');
    String word = colon < 0 ? token : token.substring(0, colon);
    return colon < 0 && !word.equals(word.toUpperCase(Locale.ROOT)) ? null : LogLevel.ofWord(word);
  }

  private static boolean isTime(String token) {
    return token.startsWith("time=")
        || token.startsWith("ts=")
        || (!token.isEmpty()
            && LevelGuess.isDigit(token.charAt(0))
            && (token.indexOf(':') > 0 || token.indexOf('-') > 0 || token.indexOf('/') > 0));
  }
}

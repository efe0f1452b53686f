package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Severity of a log line, least severe first. */
public enum LogLevel {
  DEBUG,
  INFO,
  WARNING,
  ERROR;

  /**
   * Other words for them: those of Python's logging, syslog, java.util.logging and log4j, and short
   * forms that tools print.
   */
  private static final Map<LogLevel, String> OTHER_WORDS =
      Map.of(
          DEBUG, "notset trace verbose finest finer fine config",
          INFO, "information informational notice",
          WARNING, "warn",
          ERROR, "err erro severe critical crit alert emerg emergency panic fatal fata");

  private static final Map<String, LogLevel> BY_WORD = byWord();

  private static Map<String, LogLevel> byWord() {
    Map<String, LogLevel> levels = new HashMap<>();
    OTHER_WORDS.forEach(
        (level, words) -> {
          levels.put(level.wire(), level);
          for (String word : words.split(" ", -1)) {
            levels.put(word, level);
          }
        });
    return Map.copyOf(levels);
  }

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param word in any case
   * @return null if it names no level
   */
  public static @Nullable LogLevel ofWord(String word) {
    return BY_WORD.get(word.toLowerCase(Locale.ROOT));
  }

  /**
   * @param word in any case
   * @throws IllegalArgumentException if it names no level
   */
  @JsonCreator
  public static LogLevel fromWire(String word) {
    LogLevel level = ofWord(word);
    if (level == null) {
      throw new IllegalArgumentException(
          "must be debug, info, warning or error, or a word that Python, syslog or Java has for it");
    }
    return level;
  }
}

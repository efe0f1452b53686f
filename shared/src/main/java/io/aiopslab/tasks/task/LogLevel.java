package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Severity of a log line, least severe first. */
public enum LogLevel {
  DEBUG,
  INFO,
  WARNING,
  ERROR;

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no level
   */
  public static LogLevel fromWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}

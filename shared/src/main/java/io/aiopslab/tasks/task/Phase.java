package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a run is busy with. */
public enum Phase {
  SETUP,
  RUNNING,
  GRADING,
  CLEANUP;

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no phase
   */
  public static Phase fromWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}

package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a worker is doing, as far as is known. */
public enum WorkerStatus {
  /** Waits for work. */
  IDLE,
  /** Runs a task. */
  BUSY,
  /** Lives, but takes no work, because its cluster cannot be used. */
  QUARANTINED,
  /** Signed off, or silent for too long. */
  OFFLINE;

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no status
   */
  public static WorkerStatus fromWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}

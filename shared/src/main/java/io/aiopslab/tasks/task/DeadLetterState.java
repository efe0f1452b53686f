package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where a dead letter stands with the operators. */
public enum DeadLetterState {
  /** Nobody has had it sent again. */
  KEPT,
  /** Will be sent again as soon as the broker takes it. */
  ASKED,
  /** Was sent again, and has not come back: it is stored, or on its way. */
  REQUEUED,
  /** Was sent again, and could not be read or stored this time either. */
  RETURNED;

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no state
   */
  public static DeadLetterState fromWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}

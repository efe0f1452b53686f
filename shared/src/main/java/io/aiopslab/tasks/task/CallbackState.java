package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What has become of a task's callback. Asking for redelivery makes any of them pending again. */
public enum CallbackState {
  /** Will be sent when the task has ended, or again at the next attempt's time. */
  PENDING,
  /** The receiver answered 2xx. */
  DELIVERED,
  /** Every try of the retry schedule has failed. */
  EXHAUSTED,
  /** The receiver answered 410: it wants to hear no more of it. */
  STOPPED;

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no state
   */
  public static CallbackState fromWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}

package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why an attempt at a callback failed, in a form that programs can rely on. */
public enum CallbackError {
  /** An HTTP answer that is not 2xx; a redirect is one. */
  STATUS,
  /** The host is at an address that callbacks may not reach. */
  ADDRESS_REFUSED,
  /** The host's name cannot be resolved. */
  UNKNOWN_HOST,
  /** No connection, or it broke before the answer. */
  CONNECTION,
  /** The certificate or the handshake. */
  TLS,
  /** No whole answer in time. */
  TIMEOUT,
  /** The answer is not HTTP. */
  ANSWER,
  /** A defect of the service itself. */
  INTERNAL;

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no error
   */
  public static CallbackError fromWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}

package io.aiopslab.tasks.api.tasks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How many of several tasks have to end before those who wait for them are answered. */
enum WaitFor {
  ALL,
  ANY;

  @JsonValue
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.aiopslab.tasks.api.follow;

import io.aiopslab.tasks.api.web.Refusal;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a stream can tell of a task; {@code end} and {@code shutdown} always come. */
enum EventType {
  STATUS,
  LOG,
  STEP,
  PROGRESS,
  RESULT;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param names as {@code log,step}; null for all
   * @throws Refusal if one of them is no type
   */
  static Set<EventType> parse(@Nullable String names) {
    Set<EventType> types = EnumSet.noneOf(EventType.class);
    if (names == null) {
      return EnumSet.allOf(EventType.class);
    }
    for (String name : names.split(",", -1)) {
      types.add(
          Arrays.stream(values())
              .filter(type -> type.wire().equals(name))
              .findAny()
              .orElseThrow(() -> Refusal.badParameter("types", "format", expected())));
    }
    return types;
  }

  private static String expected() {
    return Arrays.stream(values())
        .map(EventType::wire)
        .collect(Collectors.joining(", ", "must be one or more, with commas between, of ", ""));
  }
}

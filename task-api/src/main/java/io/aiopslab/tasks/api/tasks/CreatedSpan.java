package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.Refusal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The parameters {@code created_after} and {@code created_before}, which spans are made of. */
final class CreatedSpan {
  static final String AFTER = "Only tasks that were submitted then or later";
  static final String BEFORE = "Only tasks that were submitted earlier than that";

  private CreatedSpan() {}

  /**
   * @throws Refusal if nothing can be between the two
   */
  static void check(@Nullable Instant after, @Nullable Instant before) {
    if (after != null && before != null && !after.isBefore(before)) {
      throw Refusal.badParameter("created_before", "range", "must be later than created_after");
    }
  }
}

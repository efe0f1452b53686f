package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.task.CallbackError;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came of sending a callback once.
 *
 * @param status of the HTTP answer; null if none came
 * @param retryAfter that header, as it came
 * @param noAnswer why there is no status; null if there is one
 * @param sentence likewise, for people
 */
record Answer(
    Duration took,
    @Nullable Integer status,
    @Nullable String retryAfter,
    @Nullable CallbackError noAnswer,
    @Nullable String sentence) {

  static Answer of(Duration took, int status, @Nullable String retryAfter) {
    return new Answer(took, status, retryAfter, null, null);
  }

  static Answer none(Duration took, CallbackError why, String sentence) {
    return new Answer(took, null, null, why, sentence);
  }

  /** Whether it says that the host is in trouble, not only this callback. */
  boolean speaksAgainstHost() {
    return status == null
        ? noAnswer != CallbackError.ADDRESS_REFUSED && noAnswer != CallbackError.INTERNAL
        : status >= 500 || status == 429;
  }
}

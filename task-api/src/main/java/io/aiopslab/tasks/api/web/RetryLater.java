package io.aiopslab.tasks.api.web;

import org.springframework.http.HttpStatusCode;

/** Which answers say when to try again, and when. */
final class RetryLater {
  static final String SECONDS = "2";

  private RetryLater() {}

  static boolean concerns(HttpStatusCode status) {
    return status.value() == 429 || status.value() == 503;
  }
}

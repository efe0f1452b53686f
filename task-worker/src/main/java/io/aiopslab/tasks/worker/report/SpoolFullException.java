package io.aiopslab.tasks.worker.report;

/** There is no room for an event; the message says what to do. */
public final class SpoolFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SpoolFullException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}

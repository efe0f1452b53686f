package io.aiopslab.tasks.standalone;

/** Something that the person who starts the service can mend; the message says how. */
final class CannotStartException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CannotStartException(String message) {
    super(message);
  }
}

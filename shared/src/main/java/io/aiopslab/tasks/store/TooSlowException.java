package io.aiopslab.tasks.store;

/** A read was given up because it would look at too many rows, or the database is too busy. */
public final class TooSlowException extends RuntimeException {
  private static final long serialVersionUID = 1;

  TooSlowException(Throwable cause) {
    super("the query took too long", cause);
  }
}

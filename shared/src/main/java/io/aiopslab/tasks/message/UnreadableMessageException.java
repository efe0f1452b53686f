package io.aiopslab.tasks.message;

import org.jspecify.annotations.Nullable;

/** A message that will not be readable however often it is tried: it belongs into quarantine. */
public final class UnreadableMessageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnreadableMessageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package io.aiopslab.tasks.worker.cluster;

/** A tool was started and did not do what it was asked; the message is half a sentence. */
final class ToolFailedException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean timeOut;

  private ToolFailedException(String message, boolean timeOut) {
    super(message);
    this.timeOut = timeOut;
  }

  static ToolFailedException because(String message) {
    return new ToolFailedException(message, false);
  }

  static ToolFailedException timeOut(String message) {
    return new ToolFailedException(message, true);
  }

  /** Whether it was killed in the middle of its work. */
  boolean isTimeOut() {
    return timeOut;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}

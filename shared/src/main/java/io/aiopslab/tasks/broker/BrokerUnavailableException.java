package io.aiopslab.tasks.broker;

/** The broker cannot be reached or does not answer: try again later with the same messages. */
public final class BrokerUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public BrokerUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.aiopslab.tasks.broker;

import org.springframework.amqp.AmqpException;

/** The broker cannot be reached or does not answer: try again later with the same messages. */
public final class BrokerUnavailableException extends AmqpException {
  private static final long serialVersionUID = 1;

  public BrokerUnavailableException(String message) {
    super(message);
  }

  public BrokerUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.collector.callback.GuardedResolver.RefusedAddressException;
import io.aiopslab.tasks.task.CallbackError;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.MessageConstraintException;

/** Why an attempt got no answer. The sentences quote nothing that the receiver said. */
final class NoAnswer {
  private NoAnswer() {}

  /**
   * @param overdue whether the attempt was ended at its deadline
   */
  static Answer because(
      Exception failure, boolean overdue, Duration took, String host, Duration deadline) {
    if (failure instanceof RefusedAddressException) {
      return Answer.none(
          took,
          CallbackError.ADDRESS_REFUSED,
          "The host %s is at an address that callbacks may not reach (private, local or special); its operator can list it in aiopslab.callbacks.allowed."
              .formatted(host));
    }
    if (overdue || failure instanceof InterruptedIOException) {
      return Answer.none(
          took,
          CallbackError.TIMEOUT,
          "No answer from %s within %d ms; answer first and work afterwards."
              .formatted(host, deadline.toMillis()));
    }
    if (failure instanceof UnknownHostException) {
      return Answer.none(
          took,
          CallbackError.UNKNOWN_HOST,
          "The name of the host %s cannot be resolved; check callback_url and the DNS of the service."
              .formatted(host));
    }
    if (failure instanceof SSLException) {
      return Answer.none(
          took,
          CallbackError.TLS,
          "No TLS connection to %s; check its certificate, and that the service trusts who signed it."
              .formatted(host));
    }
    if (failure instanceof ClientProtocolException
        || failure instanceof MessageConstraintException) {
      return Answer.none(
          took,
          CallbackError.ANSWER,
          "The answer of %s is not HTTP; check the port in callback_url.".formatted(host));
    }
    return Answer.none(
        took,
        CallbackError.CONNECTION,
        "No connection to %s, or it broke; check callback_url and whether the receiver runs."
            .formatted(host));
  }
}

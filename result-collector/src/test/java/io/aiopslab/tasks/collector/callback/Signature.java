package io.aiopslab.tasks.collector.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Checks a webhook as a receiver does, by the specification alone. */
final class Signature {
  private Signature() {}

  static boolean isValid(WebhookReceiver.Received request, String secret) throws Exception {
    ByteArrayOutputStream signed = new ByteArrayOutputStream();
    signed.write(
        (request.header("webhook-id") + "." + request.header("webhook-timestamp") + ".")
            .getBytes(UTF_8));
    signed.write(request.body());
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(
            Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
    String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.toByteArray()));
    return Arrays.asList(request.header("webhook-signature").split(" ")).contains(expected);
  }
}

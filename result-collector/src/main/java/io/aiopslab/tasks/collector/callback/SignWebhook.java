package io.aiopslab.tasks.collector.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The header {@code webhook-signature} of Standard Webhooks 1.0, one signature per secret. */
@Component
final class SignWebhook {
  private static final Logger log = LoggerFactory.getLogger(SignWebhook.class);
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PREFIX = "whsec_";
  private static final int SHORTEST = 24;

  private final List<SecretKeySpec> keys;

  SignWebhook(CallbackSettings settings) {
    keys =
        Arrays.stream(settings.secret().trim().split("\\s+"))
            .filter(secret -> !secret.isEmpty())
            .map(SignWebhook::key)
            .toList();
    if (keys.isEmpty()) {
      log.warn(
          "Callbacks are sent without signature, so their receivers cannot tell who called: set"
              + " aiopslab.callbacks.secret to whsec_ and the base64 of 32 random bytes");
    }
  }

  /**
   * @return null without a secret
   */
  @Nullable String signature(String webhookId, long timestamp, byte[] body) {
    return keys.isEmpty()
        ? null
        : keys.stream()
            .map(key -> "v1," + sign(key, webhookId + "." + timestamp + ".", body))
            .collect(Collectors.joining(" "));
  }

  private static String sign(SecretKeySpec key, String head, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(head.getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /** Says nothing of the secret itself: this goes to logs. */
  private static SecretKeySpec key(String secret) {
    try {
      byte[] bytes = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
      if (secret.startsWith(PREFIX) && bytes.length >= SHORTEST) {
        return new SecretKeySpec(bytes, ALGORITHM);
      }
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
      log.debug("The secret is not whsec_ and base64");
    }
    throw new IllegalArgumentException(
        "aiopslab.callbacks.secret must be whsec_ and the base64 of at least 24 random bytes; make"
            + " one with: echo whsec_$(head -c 32 /dev/urandom | base64 -w0)");
  }
}

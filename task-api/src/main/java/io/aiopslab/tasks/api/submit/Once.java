package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.message.Json;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A submission that takes effect once however often it is repeated.
 *
 * @param key the client's own name for it
 * @param bodyHash tells a repeat from another submission under the same key
 */
record Once(String key, String bodyHash) {
  static final String HEADER = "Idempotency-Key";

  static final String DESCRIPTION =
      "Makes it safe to send this again when the answer was lost: the same key with the same body"
          + " gives the first answer's task back, also years later. 1 to 255 printable ASCII"
          + " characters; a UUID is a good one";

  private static final Pattern FORM = Pattern.compile("[\\x20-\\x7e]{1,255}");

  /**
   * @param key null if the client gave none
   * @param call what kind of submission it is: a key is for one kind only
   * @throws Refusal if the key has another form
   */
  static @Nullable Once of(@Nullable String key, String call, Object body) {
    if (key == null) {
      return null;
    }
    if (!FORM.matcher(key).matches()) {
      throw Refusal.badParameter(HEADER, "format", "must have 1 to 255 printable ASCII characters");
    }
    return new Once(key, CanonicalHash.of(call, Json.mapper().valueToTree(body)));
  }
}

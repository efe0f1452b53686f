package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.view.TaskView;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The ETag of a shown task: a digest of all that is shown, so that no change of it, now or in
 * members added later, can be forgotten.
 */
final class ViewTag {
  private static final int BYTES = 12;

  private ViewTag() {}

  static String of(TaskView view) {
    byte[] digest = sha256().digest(Json.mapper().writeValueAsBytes(view));
    byte[] start = java.util.Arrays.copyOf(digest, BYTES);
    return "W/\"" + Base64.getUrlEncoder().withoutPadding().encodeToString(start) + '"';
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

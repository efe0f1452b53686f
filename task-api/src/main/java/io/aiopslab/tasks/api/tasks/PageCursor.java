package io.aiopslab.tasks.api.tasks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.store.TaskListing.Seen;
import io.aiopslab.tasks.store.TaskOrder;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

/** The place in a listing, as clients hand it back; good for its own order and filter only. */
final class PageCursor {
  private static final byte VERSION = 1;
  private static final int DIGEST_LENGTH = 12;
  private static final int LENGTH = 1 + DIGEST_LENGTH + 1 + 16;

  private PageCursor() {}

  static String behind(Seen last, TaskOrder order, TaskFilter filter) {
    byte[] bytes =
        ByteBuffer.allocate(LENGTH)
            .put(VERSION)
            .put(digest(order, filter))
            .put((byte) last.priority())
            .putLong(last.id().getMostSignificantBits())
            .putLong(last.id().getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * @throws Refusal if it is no cursor, or one of another listing
   */
  static Seen read(String text, TaskOrder order, TaskFilter filter) {
    ByteBuffer bytes = ByteBuffer.wrap(decode(text));
    if (bytes.remaining() != LENGTH || bytes.get() != VERSION) {
      throw malformed();
    }
    byte[] digest = new byte[DIGEST_LENGTH];
    bytes.get(digest);
    if (!Arrays.equals(digest, digest(order, filter))) {
      throw Refusal.badParameter(
          "cursor",
          "mismatch",
          "belongs to another sort or other filters: repeat those of the call that gave it, or"
              + " begin again without cursor");
    }
    return new Seen(bytes.get(), new UUID(bytes.getLong(), bytes.getLong()));
  }

  private static byte[] decode(String text) {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  private static Refusal malformed() {
    return Refusal.badParameter(
        "cursor", "format", "is no cursor: pass next_cursor of the page before as it is");
  }

  private static byte[] digest(TaskOrder order, TaskFilter filter) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(order.wire().getBytes(UTF_8));
      byte[] digest = sha256.digest(Json.mapper().writeValueAsBytes(filter));
      return Arrays.copyOf(digest, DIGEST_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

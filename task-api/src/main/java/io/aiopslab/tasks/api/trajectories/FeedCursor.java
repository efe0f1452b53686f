package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.api.web.Refusal;
import java.nio.ByteBuffer;
import java.util.Base64;

/** A place in the feed, as clients hand it back; good with any filter, for good. */
final class FeedCursor {
  private static final byte VERSION = 1;
  private static final int LENGTH = 1 + Long.BYTES;

  private FeedCursor() {}

  static String behind(long position) {
    byte[] bytes = ByteBuffer.allocate(LENGTH).put(VERSION).putLong(position).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * @throws Refusal if no feed has given it
   */
  static long read(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
    if (bytes.length != LENGTH || bytes[0] != VERSION) {
      throw malformed();
    }
    long position = ByteBuffer.wrap(bytes).getLong(1);
    if (position < 0) {
      throw malformed();
    }
    return position;
  }

  private static Refusal malformed() {
    return Refusal.badParameter(
        "after",
        "format",
        "is no cursor: pass next of a page, or cursor of a trajectory, as it is; leave it out to"
            + " begin at the beginning");
  }
}

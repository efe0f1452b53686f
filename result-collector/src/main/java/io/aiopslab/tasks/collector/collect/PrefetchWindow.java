package io.aiopslab.tasks.collector.collect;

import org.jspecify.annotations.Nullable;

/**
 * How many messages the broker may hand over before they are acknowledged. RabbitMQ counts messages
 * and not bytes, so the count follows their size: small ones come many at a time, huge ones one by
 * one. A new channel begins with few, because nobody knows yet what waits.
 */
final class PrefetchWindow {
  /** Enough to be fast with until the first batch has shown what the messages are like. */
  static final int FIRST = 32;

  private final int most;
  private final long bytes;
  private @Nullable Object channel;
  private int size;

  /**
   * @param most messages, however small they are
   * @param bytes that may be in memory before they are decoded
   */
  PrefetchWindow(int most, long bytes) {
    this.most = most;
    this.bytes = bytes;
  }

  /**
   * To be called after each batch. Shrinks at once, and grows by doubling.
   *
   * @param used the channel that the batch came by
   * @param largest size of the batch's largest message, in bytes
   * @return the new size, from 1; 0 if the channel has it already
   */
  int after(Object used, int largest) {
    if (used != channel) {
      channel = used;
      size = Math.min(FIRST, most);
    }
    long fitting = Math.max(1, Math.min(most, bytes / Math.max(1, largest)));
    int next = (int) Math.min(fitting, 2L * size);
    if (next == size) {
      return 0;
    }
    size = next;
    return next;
  }
}

package io.aiopslab.tasks.worker.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aiopslab.tasks.loop.Threads;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads all that a tool writes, so that it never blocks, and keeps a bounded part of it. */
final class Drain {
  private static final long LAST_OUTPUT_MILLIS = 1000;

  private final byte[] kept;
  private final boolean keepsEnd;
  private final Thread thread;
  private int size;
  private boolean cut;

  private Drain(InputStream stream, int most, boolean keepsEnd) {
    this.kept = new byte[most];
    this.keepsEnd = keepsEnd;
    this.thread = Threads.start(Thread.currentThread().getName() + "-tool", () -> read(stream));
  }

  static Drain keepingBeginning(InputStream stream, int most) {
    return new Drain(stream, most, false);
  }

  static Drain keepingEnd(InputStream stream, int most) {
    return new Drain(stream, most, true);
  }

  private void read(InputStream stream) {
    byte[] piece = new byte[8192];
    try {
      for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
        keep(piece, count);
      }
    } catch (IOException e) {
      // closed, as the tool was killed: what was read counts
    }
  }

  private synchronized void keep(byte[] piece, int count) {
    int excess = Math.max(0, size + count - kept.length);
    cut |= excess > 0;
    if (keepsEnd && excess > 0) {
      int forgotten = Math.min(excess, size);
      System.arraycopy(kept, forgotten, kept, 0, size - forgotten);
      size -= forgotten;
    }
    int room = Math.min(count, kept.length - size);
    System.arraycopy(piece, keepsEnd ? count - room : 0, kept, size, room);
    size += room;
  }

  /** Waits a little for the last output of a process that has ended. */
  String text() throws InterruptedException {
    thread.join(LAST_OUTPUT_MILLIS);
    synchronized (this) {
      return new String(Arrays.copyOf(kept, size), UTF_8);
    }
  }

  synchronized boolean isCut() {
    return cut;
  }
}

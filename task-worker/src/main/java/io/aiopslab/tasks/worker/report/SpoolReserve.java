package io.aiopslab.tasks.worker.report;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Room on the disk that only the first and the last event of a run may take: a file that is written
 * in full while there is space, and made shorter when an event does not fit otherwise. Another
 * program can be quicker to use what was just given up; then the event is tried again.
 */
final class SpoolReserve {
  private static final int PIECE_BYTES = 256 * 1024;
  private static final long BLOCK_BYTES = 64 * 1024;

  private final Path path;
  private final long size;
  private boolean whole;

  SpoolReserve(Path directory, long size) {
    this.path = directory.resolve("reserve");
    this.size = size;
  }

  /**
   * Makes the reserve whole, and finds out whether there is room beside it; costs nothing while it
   * is whole.
   *
   * @throws IOException if there is no room
   */
  synchronized void fill() throws IOException {
    if (whole) {
      return;
    }
    try (FileChannel channel = FileChannel.open(path, CREATE, WRITE)) {
      long at = Math.min(channel.size(), size);
      byte[] noise = new byte[PIECE_BYTES]; // zeros take no room on a disk that compresses
      while (at < size + PIECE_BYTES) {
        ThreadLocalRandom.current().nextBytes(noise);
        at += channel.write(ByteBuffer.wrap(noise), at);
      }
      channel.truncate(size);
      channel.force(true);
      whole = true;
    }
  }

  /** Something did not fit beside it: the next call of {@link #fill} looks again. */
  synchronized void doubt() {
    whole = false;
  }

  /** Gives up as much as an event of this size needs, or what is left. */
  synchronized void give(long bytes) throws IOException {
    whole = false;
    try (FileChannel channel = FileChannel.open(path, CREATE, WRITE)) {
      channel.truncate(Math.max(0, channel.size() - bytes - BLOCK_BYTES));
    }
  }
}

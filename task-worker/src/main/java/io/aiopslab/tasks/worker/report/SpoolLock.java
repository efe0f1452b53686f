package io.aiopslab.tasks.worker.report;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Keeps two workers from sending each other's events. Ends with the process. */
final class SpoolLock implements AutoCloseable {
  private final FileChannel channel;

  private SpoolLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws IllegalStateException if another worker has the directory
   */
  static SpoolLock take(Path directory) throws IOException {
    Files.createDirectories(directory);
    FileChannel channel = FileChannel.open(directory.resolve("lock"), CREATE, WRITE);
    if (tryLock(channel) == null) {
      channel.close();
      throw new IllegalStateException(
          "another worker uses the spool directory "
              + directory
              + "; set aiopslab.worker.spool-directory to one of its own for each worker process");
    }
    return new SpoolLock(channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by another worker in this JVM
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

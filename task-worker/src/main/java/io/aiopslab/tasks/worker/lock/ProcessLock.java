package io.aiopslab.tasks.worker.lock;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A lock on a file that ends with the process, however that ends: unlike a process id, which a
 * container gives again after each start, it never mistakes a dead process for a live one.
 */
public final class ProcessLock implements AutoCloseable {
  private final FileChannel channel;

  private ProcessLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @param file is made if it is not there
   * @return null if another worker has it
   */
  public static @Nullable ProcessLock tryTake(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, CREATE, WRITE);
    if (tryLock(channel) == null) {
      channel.close();
      return null;
    }
    return new ProcessLock(channel);
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

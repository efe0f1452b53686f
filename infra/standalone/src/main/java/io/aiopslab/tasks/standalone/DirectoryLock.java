package io.aiopslab.tasks.standalone;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps everybody else off a data directory; it is free again when this JVM ends, however. */
final class DirectoryLock implements AutoCloseable {
  private final FileChannel file;

  private DirectoryLock(FileChannel file) {
    this.file = file;
  }

  /**
   * @param directory its parent has to be there
   * @throws CannotStartException if somebody holds it
   */
  static DirectoryLock take(Path directory) throws IOException {
    FileChannel file =
        FileChannel.open(
            directory.resolveSibling(directory.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    if (isTaken(file)) {
      file.close();
      throw new CannotStartException(
          "another make run uses %s. Stop that one, or choose another directory: make run ARGS=--aiopslab.standalone.data-directory=./data2"
              .formatted(directory));
    }
    return new DirectoryLock(file);
  }

  private static boolean isTaken(FileChannel file) throws IOException {
    try {
      return file.tryLock() == null;
    } catch (OverlappingFileLockException byThisJvm) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

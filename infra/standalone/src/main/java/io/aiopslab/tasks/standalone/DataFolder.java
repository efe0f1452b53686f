package io.aiopslab.tasks.standalone;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.springframework.util.FileSystemUtils;

/**
 * Where an embedded server keeps its data. One process uses it at a time. What a first start that
 * was cut off left behind is removed by the next, which begins anew.
 */
final class DataFolder implements AutoCloseable {
  private final Path path;
  private final FileChannel lock;

  private DataFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * @param parts the names of what the server writes there
   * @throws CannotStartException if another process, or this one, has it open
   */
  static DataFolder open(Path folder, String... parts) throws IOException {
    Path path = Files.createDirectories(folder.toAbsolutePath().normalize());
    DataFolder opened = new DataFolder(path, lock(path));
    if (Files.notExists(opened.completed())) {
      for (String part : parts) {
        FileSystemUtils.deleteRecursively(opened.part(part));
      }
    }
    return opened;
  }

  Path part(String name) {
    return path.resolve(name);
  }

  /** To be called once the server has started: from now on its data is kept. */
  void complete() throws IOException {
    if (Files.notExists(completed())) {
      Files.createFile(completed());
    }
  }

  private Path completed() {
    return path.resolve("completed");
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolve("in-use.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException usedByThisProcess) {
      // the same answer as for another process
    }
    channel.close();
    throw new CannotStartException(
        path
            + " is in use (another make run?). Stop that one, or keep this one's data elsewhere:"
            + " make run ARGS=--aiopslab.standalone.data-directory=/path/to/data");
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}

package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.worker.lock.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps two workers from sending each other's events. */
final class SpoolLock {
  private SpoolLock() {}

  /**
   * @throws IllegalStateException if another worker has the directory
   */
  static ProcessLock take(Path directory) throws IOException {
    Files.createDirectories(directory);
    ProcessLock lock = ProcessLock.tryTake(directory.resolve("lock"));
    if (lock == null) {
      throw new IllegalStateException(
          "another worker uses the spool directory "
              + directory
              + "; set aiopslab.worker.spool-directory to one of its own for each worker process");
    }
    return lock;
  }
}

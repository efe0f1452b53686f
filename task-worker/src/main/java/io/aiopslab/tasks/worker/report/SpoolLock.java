package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.worker.lock.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Keeps two workers from sending each other's events. */
final class SpoolLock {
  private SpoolLock() {}

  /**
   * Makes the directory where it is missing: for its owner alone, as it holds what runs said.
   *
   * @throws IllegalStateException if another worker has the directory
   */
  static ProcessLock take(Path directory) throws IOException {
    // Not what it lies in, which others may have to pass.
    Files.createDirectories(Objects.requireNonNull(directory.toAbsolutePath().getParent()));
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
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

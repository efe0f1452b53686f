package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.lock.ProcessLock;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * Directories that only this process uses. They live in one with a locked file beside it, so that
 * the next worker on this host can tell what a killed one left, and delete it.
 */
@Component
public final class ScratchDirectories {
  private static final Logger log = LoggerFactory.getLogger(ScratchDirectories.class);
  private static final String PREFIX = "worker-";
  private static final String LOCK = ".lock";
  private static final FileAttribute<Set<PosixFilePermission>> OURS_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path own;
  private final ProcessLock lock;

  ScratchDirectories(WorkerSettings settings) throws IOException {
    Path root = Files.createDirectories(settings.scratchDirectory().toAbsolutePath());
    deleteLeftBehind(root);
    String prefix = PREFIX + ProcessHandle.current().pid() + "-";
    Path file = Files.createTempFile(root, prefix, LOCK);
    String name = file.getFileName().toString();
    this.own = root.resolve(name.substring(0, name.length() - LOCK.length()));
    // Before the directory is there, for which others look: nobody else can have it.
    this.lock = Objects.requireNonNull(ProcessLock.tryTake(file));
    Files.createDirectory(own, OURS_ALONE);
  }

  private static void deleteLeftBehind(Path root) throws IOException {
    List<Path> all;
    try (Stream<Path> found = Files.list(root)) {
      all = found.filter(Files::isDirectory).filter(ScratchDirectories::isOfAWorker).toList();
    }
    all.forEach(ScratchDirectories::deleteIfLeftBehind);
  }

  private static void deleteIfLeftBehind(Path directory) {
    try (ProcessLock free = ProcessLock.tryTake(lockFile(directory))) {
      if (free != null) {
        deleteWithLock(directory);
      }
    } catch (IOException e) {
      warn(directory, e);
    }
  }

  private static boolean isOfAWorker(Path directory) {
    return directory.getFileName().toString().matches(PREFIX + "\\d+-\\d+");
  }

  private static Path lockFile(Path directory) {
    return directory.resolveSibling(directory.getFileName() + LOCK);
  }

  /** A new, empty directory that nobody else may look into. */
  public Path create(String prefix) throws IOException {
    return Files.createTempDirectory(own, prefix + "-");
  }

  private static void deleteWithLock(Path directory) throws IOException {
    delete(directory);
    if (!Files.exists(directory)) {
      Files.deleteIfExists(lockFile(directory));
    }
  }

  static void delete(Path directory) {
    try {
      FileSystemUtils.deleteRecursively(directory);
    } catch (IOException e) {
      warn(directory, e);
    }
  }

  private static void warn(Path directory, IOException e) {
    log.warn("{} could not be deleted and takes up space: {}", directory, e.toString());
  }

  @PreDestroy
  void close() throws IOException {
    deleteWithLock(own);
    lock.close();
  }
}

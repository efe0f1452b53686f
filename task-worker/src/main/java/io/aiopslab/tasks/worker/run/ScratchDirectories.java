package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.lock.ProcessLock;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Directories that only this process uses. They live in one with a locked file beside it, so that
 * the next worker on this host can tell what a killed one left, and delete it. What somebody cleans
 * away while the worker runs is made again.
 */
@Component
public final class ScratchDirectories {
  private static final Logger log = LoggerFactory.getLogger(ScratchDirectories.class);
  private static final String PREFIX = "worker-";
  private static final String LOCK = ".lock";

  /** Others may pass on to what they know the name of, and see nothing. */
  private static final Set<PosixFilePermission> PASSABLE =
      PosixFilePermissions.fromString("rwx--x--x");

  private static final Set<PosixFilePermission> OURS_ALONE =
      PosixFilePermissions.fromString("rwx------");

  private final Set<PosixFilePermission> permissions;
  private final Path root;
  private final Path own;
  private ProcessLock lock;

  ScratchDirectories(WorkerSettings settings, RunUser user) throws IOException {
    this.permissions = user.isAnother() ? PASSABLE : OURS_ALONE;
    this.root = settings.scratchDirectory().toAbsolutePath();
    make(root, PASSABLE);
    deleteLeftBehind(root);
    String prefix = PREFIX + ProcessHandle.current().pid() + "-";
    Path file = Files.createTempFile(root, prefix, LOCK);
    String name = file.getFileName().toString();
    this.own = root.resolve(name.substring(0, name.length() - LOCK.length()));
    // Before the directory is there, for which others look: nobody else can have it.
    this.lock = Objects.requireNonNull(ProcessLock.tryTake(file));
    make(own, permissions);
  }

  /**
   * Returns when the directory is there, and is this user's to give and take.
   *
   * @throws IllegalStateException if what is there is a link, or somebody else's
   */
  private static void make(Path directory, Set<PosixFilePermission> permissions)
      throws IOException {
    if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(Objects.requireNonNull(directory.getParent()));
      try {
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(permissions));
      } catch (FileAlreadyExistsException e) {
        log.debug("Another worker has just made {}", directory, e);
      }
    }
    PosixFileAttributes found =
        Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    refuse(
        !found.isDirectory(), directory + " is a link or no directory; name the directory itself");
    Object uid = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    refuse(
        !uid.equals((int) RunUser.uidOfWorker()),
        "%s is not the worker's own but of the user %s, who could put other programs there; name one inside it that the worker can make, such as %s"
            .formatted(directory, found.owner(), directory.resolve("worker")));
    if (!permissions.equals(found.permissions())) {
      Files.setPosixFilePermissions(directory, permissions);
    }
  }

  private static void refuse(boolean wrong, String sentence) {
    if (wrong) {
      throw new IllegalStateException("aiopslab.worker.scratch-directory: " + sentence);
    }
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
  public synchronized Path create(String prefix) throws IOException {
    make(root, PASSABLE);
    if (Files.notExists(lockFile(own))) {
      ProcessLock again = ProcessLock.tryTake(lockFile(own));
      if (again != null) {
        lock.close();
        lock = again;
      }
    }
    make(own, permissions);
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
      DeleteTree.delete(directory);
    } catch (IOException e) {
      warn(directory, e);
    }
  }

  private static void warn(Path directory, IOException e) {
    log.warn("{} could not be deleted and takes up space: {}", directory, e.toString());
  }

  @PreDestroy
  synchronized void close() throws IOException {
    deleteWithLock(own);
    lock.close();
  }
}

package io.aiopslab.tasks.worker.report;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an earlier process left in the spool directory. Whatever cannot be used is renamed to {@code
 * *.corrupt} and kept for a person to look at; it stops nothing.
 */
final class SpoolDirectory {
  static final String CORRUPT = ".corrupt";
  private static final Logger log = LoggerFactory.getLogger(SpoolDirectory.class);

  private SpoolDirectory() {}

  /**
   * @param files to be sent
   * @param setAside how many entries could not be used
   */
  record Found(List<SpoolFile> files, int setAside) {}

  static Found takeOver(Path directory) throws IOException {
    List<Path> entries;
    try (Stream<Path> all = Files.list(directory)) {
      entries = all.filter(SpoolDirectory::isSpooled).sorted().toList();
    }
    List<SpoolFile> files = new ArrayList<>();
    int setAside = 0;
    for (Path entry : entries) {
      Optional<SpoolFile> file = take(entry);
      file.ifPresent(files::add);
      setAside += file.isPresent() ? 0 : 1;
    }
    return new Found(files, setAside);
  }

  private static boolean isSpooled(Path entry) {
    String name = entry.getFileName().toString();
    return name.endsWith(SpoolFile.EVENTS) || name.endsWith(SpoolFile.PREPARED);
  }

  private static Optional<SpoolFile> take(Path entry) {
    try {
      if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException("it is no regular file");
      }
      SpoolFile file = SpoolFile.leftBehind(entry, session(entry));
      if (file.size() > 0) {
        log.info(
            "Sending {} bytes of events that an earlier worker left in {}", file.size(), entry);
      }
      return Optional.of(file);
    } catch (IOException | RuntimeException e) {
      setAside(entry, e);
      return Optional.empty();
    }
  }

  private static UUID session(Path entry) throws IOException {
    String name = entry.getFileName().toString();
    String id = name.substring(0, name.lastIndexOf('.'));
    try {
      UUID session = UUID.fromString(id);
      if (session.toString().equals(id)) {
        return session;
      }
    } catch (IllegalArgumentException e) {
      log.debug("No session is called {}", id, e);
    }
    throw new IOException("it is not named for a session");
  }

  private static void setAside(Path entry, Exception reason) {
    Path target = free(entry);
    try {
      Files.move(entry, target, StandardCopyOption.ATOMIC_MOVE);
      log.error(
          "{} cannot be sent ({}) and is kept as {}; look at it, then delete it",
          entry,
          reason.getMessage(),
          target.getFileName());
    } catch (IOException e) {
      log.error("{} cannot be sent ({}) nor renamed ({}); move it away", entry, reason, e);
    }
  }

  /** A name beside a file under which to keep what cannot be used. */
  static Path free(Path entry) {
    Path target = entry.resolveSibling(entry.getFileName() + CORRUPT);
    for (int i = 2; Files.exists(target, LinkOption.NOFOLLOW_LINKS); i++) {
      target = entry.resolveSibling(entry.getFileName() + "." + i + CORRUPT);
    }
    return target;
  }

  /** When this returns, a power cut does not take the name of a file, which its directory holds. */
  static void forceNameOf(Path file) throws IOException {
    try (FileChannel directory = FileChannel.open(file.resolveSibling("."))) {
      directory.force(true);
    }
  }
}

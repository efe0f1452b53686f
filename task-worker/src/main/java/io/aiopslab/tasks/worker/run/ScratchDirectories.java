package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.settings.WorkerSettings;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * Directories that only this process uses. They live in one that is named for its pid, so that the
 * next worker on this host can tell what a killed one left, and delete it.
 */
@Component
public final class ScratchDirectories {
  private static final Logger log = LoggerFactory.getLogger(ScratchDirectories.class);
  private static final String PREFIX = "worker-";

  private final Path own;

  ScratchDirectories(WorkerSettings settings) throws IOException {
    Path root = Files.createDirectories(settings.scratchDirectory().toAbsolutePath());
    deleteLeftBehind(root);
    this.own = Files.createTempDirectory(root, PREFIX + ProcessHandle.current().pid() + "-");
  }

  private static void deleteLeftBehind(Path root) throws IOException {
    List<Path> all;
    try (Stream<Path> found = Files.list(root)) {
      all = found.filter(Files::isDirectory).toList();
    }
    for (Path directory : all) {
      String[] name = directory.getFileName().toString().split("-", 3);
      if (name.length == 3 && (name[0] + "-").equals(PREFIX) && name[1].matches("\\d{1,10}")) {
        if (ProcessHandle.of(Long.parseLong(name[1])).isEmpty()) {
          delete(directory);
        }
      }
    }
  }

  /** A new, empty directory that nobody else may look into. */
  public Path create(String prefix) throws IOException {
    return Files.createTempDirectory(own, prefix + "-");
  }

  static void delete(Path directory) {
    try {
      FileSystemUtils.deleteRecursively(directory);
    } catch (IOException e) {
      log.warn("{} could not be deleted and takes up space: {}", directory, e.toString());
    }
  }

  @PreDestroy
  void close() {
    delete(own);
  }
}

package io.aiopslab.tasks.worker;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What a run must not leave behind. */
final class Leftovers {
  private Leftovers() {}

  /** Pids from the line that {@code stubborn.py} prints. */
  static List<Long> pids(String line) {
    return Arrays.stream(line.split(" ")).skip(1).map(Long::valueOf).toList();
  }

  static void awaitGone(List<Long> pids) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> pids.stream().noneMatch(Leftovers::runs));
  }

  private static boolean runs(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
    } catch (IOException e) {
      return false;
    }
  }

  /** Directories of runs below the scratch directory. */
  static List<Path> scratch(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("scratch"), 2)) {
      return all.filter(path -> path.getFileName().toString().startsWith("run-")).toList();
    }
  }

  static List<Path> spooled(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve("spool"))) {
      return all.filter(path -> path.toString().endsWith(".events")).toList();
    }
  }
}

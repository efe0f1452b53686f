package io.aiopslab.tasks.system.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of 8 MiB in a directory, that can be filled up. Only root can make one. */
final class SmallDisk implements AutoCloseable {
  /**
   * For a worker whose spool is here: for each slot it holds this and 256 KiB in reserve, and the
   * disk has room for that of three.
   */
  static final String LONGEST_LINE = "512KB";

  private static final String SIZE = "8m";

  private final Path directory;

  SmallDisk(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "none", directory.toString())) {
      throw new IllegalStateException("cannot mount a file system; be root, or leave this out");
    }
  }

  /** Whether this user can make file systems in that directory. */
  static boolean isPossible(Path directory) {
    try {
      new SmallDisk(directory).close();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** Leaves no free byte. */
  void fill() {
    byte[] page = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast())) {
      while (true) {
        out.write(page);
      }
    } catch (IOException full) {
      // As intended.
    }
  }

  void empty() {
    try {
      Files.deleteIfExists(ballast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path ballast() {
    return directory.resolve("ballast");
  }

  @Override
  public void close() {
    run("umount", "-l", directory.toString());
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

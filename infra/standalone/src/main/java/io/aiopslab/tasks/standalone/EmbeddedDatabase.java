package io.aiopslab.tasks.standalone;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A PostgreSQL of our own, on loopback, whose data lasts in a directory. */
final class EmbeddedDatabase implements AutoCloseable {
  /** Of the programs that the build brings along; data of another one cannot be read by them. */
  static final String MAJOR_VERSION = "18";

  private static final String USER = "postgres";

  private final EmbeddedPostgres server;
  private final DirectoryLock lock;

  private EmbeddedDatabase(EmbeddedPostgres server, DirectoryLock lock) {
    this.server = server;
    this.lock = lock;
  }

  /**
   * Starts a server on a free port.
   *
   * @param data its data directory, made if it is not there
   * @throws CannotStartException if the data cannot be used
   */
  static EmbeddedDatabase start(Path data) {
    try {
      Files.createDirectories(data.getParent());
      checkVersion(data);
      return start(data, DirectoryLock.take(data));
    } catch (IOException | IllegalStateException e) {
      throw new CannotStartException(
          "the embedded PostgreSQL does not start on %s: %s. Look whether the disk is full, or move the directory away and start again."
              .formatted(data, e.getMessage()));
    }
  }

  private static void checkVersion(Path data) throws IOException {
    Path file = data.resolve("PG_VERSION");
    String version = Files.exists(file) ? Files.readString(file).strip() : MAJOR_VERSION;
    if (!version.equals(MAJOR_VERSION)) {
      throw new CannotStartException(
          "the data in %s is PostgreSQL %s's, and this service brings PostgreSQL %s. Move the directory away (nothing is deleted), or dump it with the former version and restore it, then start again."
              .formatted(data, version, MAJOR_VERSION));
    }
  }

  private static EmbeddedDatabase start(Path data, DirectoryLock lock) throws IOException {
    try {
      endFormerServer(data);
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setDataDirectory(data)
              .setCleanDataDirectory(false)
              .setPGStartupWait(Duration.ofSeconds(60))
              .start();
      return new EmbeddedDatabase(server, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** A server whose JVM was killed runs on and holds the data: it has to go first. */
  private static void endFormerServer(Path data) throws IOException {
    Path pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return;
    }
    List<String> lines = Files.readAllLines(pidFile);
    Optional<ProcessHandle> former =
        lines.isEmpty()
            ? Optional.empty()
            : ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
                .filter(process -> isPostgresOn(process, data));
    if (former.isPresent()) {
      former.get().destroy();
      awaitEnd(former.get(), data);
    } else {
      Files.deleteIfExists(pidFile);
    }
  }

  /** The number in the file may be another process's by now, even another PostgreSQL's. */
  private static boolean isPostgresOn(ProcessHandle process, Path data) {
    return process
        .info()
        .commandLine()
        .filter(
            line -> line.contains("postgres") && line.contains(data.toAbsolutePath().toString()))
        .isPresent();
  }

  private static void awaitEnd(ProcessHandle former, Path data) {
    try {
      former.onExit().get(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw new CannotStartException(
          "an earlier embedded PostgreSQL (process %d) still uses %s and does not end. End it, then start again."
              .formatted(former.pid(), data));
    }
  }

  String jdbcUrl() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
  }

  String username() {
    return USER;
  }

  String password() {
    return USER;
  }

  @Override
  public void close() {
    try (lock) {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

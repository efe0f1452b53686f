package io.aiopslab.tasks.standalone;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A PostgreSQL of our own, on loopback, where it asks for no password. Its data lasts in a
 * directory; what was committed survives a kill of the JVM, of the server and of the machine.
 */
final class EmbeddedDatabase implements AutoCloseable {
  private static final String USER = "postgres";

  private final DataFolder data;
  private final EmbeddedPostgres server;

  private EmbeddedDatabase(DataFolder data, EmbeddedPostgres server) {
    this.data = data;
    this.server = server;
  }

  /**
   * Starts a server on a free port. It ends when it is closed and not before: no shutdown hook
   * takes it from the services while they stop.
   *
   * @param directory for its data, programs and log; made if it is not there
   * @throws CannotStartException if the data cannot be used
   */
  static EmbeddedDatabase start(Path directory) {
    try {
      DataFolder data = DataFolder.open(directory, "cluster", "programs");
      try {
        PostgresCluster cluster = new PostgresCluster(data.part("cluster"));
        cluster.requireSameVersion();
        cluster.endLeftoverServer();
        EmbeddedDatabase database = new EmbeddedDatabase(data, launch(data));
        data.complete();
        return database;
      } catch (IOException | RuntimeException e) {
        data.close();
        throw e;
      }
    } catch (IOException | IllegalStateException e) {
      throw new CannotStartException(
          "the embedded PostgreSQL does not start on %s: %s. The end of %s may say why."
              .formatted(directory, e.getMessage(), directory.resolve("postgres.log")));
    }
  }

  /** The library's defaults suit tests: with them a committed row can be lost. */
  private static EmbeddedPostgres launch(DataFolder data) throws IOException {
    Redirect log = Redirect.appendTo(data.part("postgres.log").toFile());
    return EmbeddedPostgres.builder()
        .setDataDirectory(data.part("cluster"))
        .setOverrideWorkingDirectory(data.part("programs").toFile())
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPGStartupWait(Duration.ofSeconds(60))
        .setOutputRedirector(log)
        .setErrorRedirector(log)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "")
        .start();
  }

  String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres";
  }

  String username() {
    return USER;
  }

  String password() {
    return USER;
  }

  @Override
  public void close() {
    try {
      server.close();
      data.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

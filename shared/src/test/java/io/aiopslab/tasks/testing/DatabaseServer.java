package io.aiopslab.tasks.testing;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** The one PostgreSQL server that the tests of this JVM share. */
final class DatabaseServer {
  static final String URL = "AIOPSLAB_TEST_JDBC_URL";
  static final String USER = "AIOPSLAB_TEST_DB_USER";
  static final String PASSWORD = "AIOPSLAB_TEST_DB_PASSWORD";

  private static final DockerImageName IMAGE = DockerImageName.parse("postgres:17-alpine");

  private static @Nullable DatabaseAddress shared;

  private DatabaseServer() {}

  /** Its maintenance database, with a user who may make others; started at first use. */
  static synchronized DatabaseAddress shared() {
    if (shared == null) {
      shared = find();
    }
    return shared;
  }

  private static DatabaseAddress find() {
    String url = System.getenv(URL);
    if (url != null) {
      return DatabaseAddress.parse(
          url,
          System.getenv().getOrDefault(USER, "postgres"),
          System.getenv().getOrDefault(PASSWORD, ""));
    }
    if (DockerEngine.answers()) {
      PostgreSQLContainer container = new PostgreSQLContainer(IMAGE);
      container.setCommand("postgres", "-c", "fsync=off", "-c", "max_connections=300");
      container.start();
      return new DatabaseAddress(
          container.getJdbcUrl(), container.getUsername(), container.getPassword());
    }
    return cluster(PostgresCluster.UNSAFE_AND_FAST).address();
  }

  /** A running server of the caller's own. */
  static PostgresCluster cluster(List<String> settings) {
    try {
      return PostgresCluster.start(PostgresPrograms.find(), settings);
    } catch (RuntimeException e) {
      throw MissingServer.failure(
          "No PostgreSQL for this test (%s). Set %s=jdbc:postgresql://host:port/db?user=…&password=…, or start Docker, or install PostgreSQL."
              .formatted(e, URL));
    }
  }
}

package io.aiopslab.tasks.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * A fresh, empty database on a real PostgreSQL, dropped on close. The server is found in this
 * order: the one that {@code AIOPSLAB_TEST_JDBC_URL} names (user and password in the URL or in
 * {@code AIOPSLAB_TEST_DB_USER} and {@code AIOPSLAB_TEST_DB_PASSWORD}), a container if a Docker
 * engine answers, the installed programs, the embedded ones. To be asked for in a test or a
 * lifecycle method: without any of them the test is aborted, or fails if the environment says
 * {@code CI=true}.
 */
public sealed class TestDatabase implements AutoCloseable
    permits PrivateDatabase, TestDatabase.OnSharedServer {
  private final DatabaseAddress address;

  TestDatabase(DatabaseAddress address) {
    this.address = address;
  }

  /** A database of its own on the server that the tests of this JVM share. */
  public static TestDatabase create() {
    return create("template1");
  }

  /** Likewise, with the service's schema in it; the first call of a JVM takes a second longer. */
  public static TestDatabase createMigrated() {
    return create(MigratedTemplate.name());
  }

  private static OnSharedServer create(String template) {
    String name = "test_" + UUID.randomUUID().toString().replace("-", "");
    DatabaseAddress server = DatabaseServer.shared();
    execute(server, "CREATE DATABASE " + name + " TEMPLATE " + template);
    return new OnSharedServer(server, name);
  }

  /** A database on a running server of the caller's own, to be closed by the caller. */
  public static PrivateDatabase startPrivate() {
    return new PrivateDatabase(DatabaseServer.cluster(PostgresCluster.DURABLE));
  }

  /** Without user and password, unless the server was named with them in its URL. */
  public final String jdbcUrl() {
    return address.jdbcUrl();
  }

  public final String username() {
    return address.username();
  }

  public final String password() {
    return address.password();
  }

  /** Opens a new connection each time; no pool, no time limits. */
  public final DataSource dataSource() {
    return address.dataSource();
  }

  @Override
  public void close() {}

  private static void execute(DatabaseAddress server, String sql) {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  static final class OnSharedServer extends TestDatabase {
    private final DatabaseAddress server;
    final String name;

    private OnSharedServer(DatabaseAddress server, String name) {
      super(server.withDatabase(name));
      this.server = server;
      this.name = name;
    }

    /** Also with connections open, which are cut. */
    @Override
    public void close() {
      execute(server, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }
  }
}

package io.aiopslab.tasks.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;

/**
 * Connections that are given up for lost when the server says nothing for so long. The driver's own
 * {@code socketTimeout} knows only whole seconds, and two of them are too many for a caller.
 */
final class ImpatientConnections extends AbstractDriverBasedDataSource {
  private final int answerMillis;
  private final LatestPrimary servers;

  /**
   * @param promoted told once another server has become the primary
   */
  ImpatientConnections(
      String url,
      @Nullable String username,
      @Nullable String password,
      Properties driver,
      Duration answer,
      Runnable promoted) {
    setUrl(url);
    setUsername(username);
    setPassword(password);
    setConnectionProperties(driver);
    this.answerMillis = Math.toIntExact(answer.toMillis());
    this.servers = new LatestPrimary(url, promoted);
  }

  @Override
  protected Connection getConnectionFromDriver(Properties properties) throws SQLException {
    Connection connection =
        servers.connect(server -> DriverManager.getConnection(server, properties));
    connection.setNetworkTimeout(Runnable::run, answerMillis);
    return connection;
  }

  /** How long the pool waits at its end for a connection that is being made, in seconds. */
  @Override
  public int getLoginTimeout() {
    return Math.toIntExact(DatabaseLimits.LOGIN.toSeconds());
  }

  /** Left to the driver's own properties: the pool would set it for the whole JVM. */
  @Override
  public void setLoginTimeout(int seconds) {}
}

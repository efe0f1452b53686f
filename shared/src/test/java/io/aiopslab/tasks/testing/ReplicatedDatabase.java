package io.aiopslab.tasks.testing;

import io.aiopslab.tasks.testing.TestNetwork.Host;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.awaitility.Awaitility;

/**
 * A PostgreSQL that is written to and a synchronous standby, which can be promoted: what is
 * committed is on both. The test is what promotes.
 */
public final class ReplicatedDatabase implements AutoCloseable {
  /** A side that has vanished is noticed in seconds. */
  private static final List<String> SETTINGS =
      List.of("-c", "wal_sender_timeout=5s", "-c", "wal_receiver_timeout=5s");

  private final List<Server> servers;
  private int primary;

  private ReplicatedDatabase(Host one, Host other) {
    PostgresCluster first;
    try {
      first = PostgresCluster.start(PostgresPrograms.find(), SETTINGS, one);
    } catch (RuntimeException e) {
      throw MissingServer.failure("No PostgreSQL for this test: " + e);
    }
    try {
      servers = List.of(new Server(one, first), new Server(other, first.startStandby(other)));
      waitForStandby();
    } catch (RuntimeException | AssertionError e) {
      first.close();
      throw e;
    }
  }

  /** Both on loopback. */
  public static ReplicatedDatabase start() {
    return new ReplicatedDatabase(Host.LOOPBACK, Host.LOOPBACK);
  }

  public static ReplicatedDatabase start(TestNetwork network) {
    return new ReplicatedDatabase(network.host(), network.host());
  }

  /** For clients: names both servers, and asks for the one that is written to. */
  public String jdbcUrl() {
    return "jdbc:postgresql://%s,%s/postgres?targetServerType=primary"
        .formatted(servers.get(0).cluster.place(), servers.get(1).cluster.place());
  }

  public String username() {
    return "postgres";
  }

  /** Which is not looked at. */
  public String password() {
    return "postgres";
  }

  /** The one that was promoted last; a new connection each time, without time limits. */
  public DataSource dataSource() {
    return primary().dataSource();
  }

  public Server primary() {
    return servers.get(primary);
  }

  public Server standby() {
    return servers.get(1 - primary);
  }

  /** Makes the standby the primary, whatever the primary does, which is then called standby. */
  public void promote() {
    standby().execute("SELECT pg_promote(true, 60)");
    primary = 1 - primary;
  }

  /**
   * Ends what is now called standby if it runs, and makes it one: with a copy of the primary's
   * data. From then on what is committed is on both again.
   */
  public void rejoin() {
    if (standby().cluster.isRunning()) {
      standby().cluster.kill();
    }
    standby().cluster.startAgainAsStandbyOf(primary().cluster);
    waitForStandby();
  }

  /** Commits wait for the standby from then on, also while there is none. */
  private void waitForStandby() {
    primary().execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary().execute("SELECT pg_reload_conf()");
    Awaitility.await("the standby follows")
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                primary().ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                    == 1);
  }

  @Override
  public void close() {
    servers.forEach(server -> server.cluster.close());
  }

  /** One of both, with its host. */
  public static final class Server {
    private final Host host;
    private final PostgresCluster cluster;

    private Server(Host host, PostgresCluster cluster) {
      this.host = host;
      this.cluster = cluster;
    }

    public Host host() {
      return host;
    }

    /** This server alone, whatever it is. */
    public DataSource dataSource() {
      return cluster.address().dataSource();
    }

    public String jdbcUrl() {
      return cluster.address().jdbcUrl();
    }

    public void kill() {
      cluster.kill();
    }

    /** With the data it has: as what it was before. */
    public void start() {
      cluster.start();
    }

    /** The only number of the only row. */
    public long ask(String sql) {
      try (Connection connection = dataSource().getConnection();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(sql)) {
        row.next();
        return row.getLong(1);
      } catch (SQLException e) {
        throw new IllegalStateException(sql, e);
      }
    }

    private void execute(String sql) {
      try (Connection connection = dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new IllegalStateException(sql, e);
      }
    }
  }
}

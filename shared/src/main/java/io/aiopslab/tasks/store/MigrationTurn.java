package io.aiopslab.tasks.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Hands out a connection once no other service migrates the database. The lock is an advisory one
 * of that connection and ends with it: a holder that dies frees it, one that is merely slow is
 * waited for. It is there before Liquibase looks at its first table; Liquibase's own comes later,
 * when two services on an empty database have already made the same table.
 */
final class MigrationTurn extends DelegatingDataSource {
  /** {@code aiopslab} in ASCII; advisory locks of other databases on the server are others. */
  static final long KEY = 0x61_69_6f_70_73_6c_61_62L;

  private static final Logger log = LoggerFactory.getLogger(MigrationTurn.class);
  private static final String TRY = "SELECT pg_try_advisory_lock(" + KEY + ")";

  /** A host that vanished without a word is noticed within half a minute, not after two hours. */
  private static final String NOTICE_DEAD_HOSTS =
      """
      SET tcp_keepalives_idle = 10;
      SET tcp_keepalives_interval = 5;
      SET tcp_keepalives_count = 3
      """;

  /**
   * An index on a large table takes as long as it takes. But who waits for a lock that readers are
   * in the way of makes every later reader wait behind it: that may last no longer than a caller is
   * ready to wait, and {@link RepeatMigration} comes back. It is longer than PostgreSQL's {@code
   * deadlock_timeout}, a second, after which an automatic vacuum makes way for who waits: with less
   * a vacuum of a large table would keep a migration away for hours. Changesets that lock nobody
   * out may set another limit, and set this one again.
   */
  static final String LIMITS = "SET statement_timeout = 0; SET lock_timeout = '1100ms'";

  private static final String HOLDER =
      """
      SELECT 'process ' || l.pid || ' (' || a.application_name || ' from '
        || coalesce(host(a.client_addr), 'the same host') || ', since ' || a.backend_start || ')'
      FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database()
        AND (l.classid::bigint << 32) + l.objid::bigint = %d
      """
          .formatted(KEY);

  /** As long as a migration may take: the startup probe of the manifests waits as long. */
  static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private static final Duration INTERVAL = Duration.ofMillis(250);
  private static final Duration BETWEEN_WORDS = Duration.ofSeconds(10);

  MigrationTurn(DataSource target) {
    super(target);
  }

  /**
   * @throws SQLException if the wait takes longer than an hour, or there is no connection
   */
  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = super.getConnection();
    try (Statement statement = connection.createStatement()) {
      statement.execute(NOTICE_DEAD_HOSTS);
      statement.execute(LIMITS);
      waitForTurn(statement);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static void waitForTurn(Statement statement) throws SQLException {
    long begin = System.nanoTime();
    long nextWord = begin;
    while (!"t".equals(ask(statement, TRY))) {
      long now = System.nanoTime();
      if (now - begin > LONGEST_WAIT.toNanos()) {
        throw new SQLException(
            "After %s the schema is still being migrated by the database's %s: wait for that service and start this one again, or end its session with SELECT pg_terminate_backend(process)"
                .formatted(LONGEST_WAIT, ask(statement, HOLDER)));
      }
      if (now - nextWord >= 0) {
        log.info(
            "Waiting until the schema has been migrated by the database's {}",
            ask(statement, HOLDER));
        nextWord = now + BETWEEN_WORDS.toNanos();
      }
      pause();
    }
  }

  /** The only value of the only row. */
  private static String ask(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "nobody any more";
    }
  }

  private static void pause() throws SQLException {
    try {
      Thread.sleep(INTERVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("stopped while another service migrates the schema", e);
    }
  }
}

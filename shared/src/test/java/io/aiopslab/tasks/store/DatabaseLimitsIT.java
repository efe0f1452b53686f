package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.aiopslab.tasks.testing.TcpProxy;
import java.net.URI;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.env.MockEnvironment;

class DatabaseLimitsIT {
  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void theServerEndsAStatementBeforeItsConnectionIsGivenUp() {
    try (HikariDataSource pool = pool(store.database.jdbcUrl(), "1600ms")) {
      JdbcClient sql = JdbcClient.create(pool);
      int session = session(sql);
      assertThatThrownBy(() -> sql.sql("SELECT pg_sleep(60)").query().singleValue())
          .isInstanceOf(DataAccessException.class)
          .satisfies(e -> assertThat(SqlState.of(e)).isEqualTo("57014"));
      assertThat(session(sql)).isEqualTo(session);
      assertThat(setting(sql, "statement_timeout")).isEqualTo("1400ms");
      assertThat(setting(sql, "lock_timeout")).isEqualTo("1200ms");
      assertThat(setting(sql, "idle_in_transaction_session_timeout")).isEqualTo("10s");
    }
  }

  @Test
  void aClaimWaitsForARowForABoundedTime() throws Exception {
    store.pending();
    store.workers.register(Store.worker(Store.WORKER));
    try (HikariDataSource pool = pool(store.database.jdbcUrl(), "30s");
        Connection holder = store.open();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT FROM workers FOR UPDATE");
      TaskClaims claims = new TaskClaims(JdbcClient.create(pool));
      long begin = System.nanoTime();
      assertThatThrownBy(() -> claims.claim(Store.WORKER, Store.BACKEND, UUID.randomUUID()))
          .satisfies(e -> assertThat(SqlState.of(e)).isEqualTo(SqlState.LOCK_NOT_AVAILABLE));
      assertThat(since(begin)).isBetween(Duration.ofMillis(1900), Duration.ofSeconds(10));
      holder.commit();
      assertThat(claims.claim(Store.WORKER, Store.BACKEND, UUID.randomUUID())).isPresent();
    }
  }

  @Test
  void aServerThatSaysNothingIsGivenUpInTimeAndFoundAgain() {
    URI server = URI.create(store.database.jdbcUrl().substring("jdbc:".length()));
    try (TcpProxy proxy = TcpProxy.to(server.getPort());
        HikariDataSource pool =
            pool(
                store.database.jdbcUrl().replace(":" + server.getPort(), ":" + proxy.port()),
                "1600ms")) {
      JdbcClient sql = JdbcClient.create(pool);
      session(sql);
      proxy.swallow();
      for (int i = 0; i < 3; i++) {
        long begin = System.nanoTime();
        assertThatThrownBy(() -> session(sql)).isInstanceOf(DataAccessException.class);
        assertThat(since(begin)).isLessThan(Duration.ofSeconds(2));
      }
      proxy.heal();
      await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> session(sql) > 0);
    }
  }

  @Test
  void whatAnOperatorSetsForTheDriverStays() {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(store.database.jdbcUrl());
      pool.setUsername(store.database.username());
      pool.setPassword(store.database.password());
      pool.addDataSourceProperty("options", "-c statement_timeout=77");
      limits("30s").postProcessBeforeInitialization(pool, "dataSource");
      assertThat(setting(JdbcClient.create(pool), "statement_timeout")).isEqualTo("77ms");
    }
  }

  @Test
  void aLimitThatMakesNoSenseIsRefused() {
    HikariDataSource pool = new HikariDataSource();
    for (String bad : new String[] {"999ms", "11m"}) {
      assertThatThrownBy(() -> limits(bad).postProcessBeforeInitialization(pool, "dataSource"))
          .hasMessageContaining("aiopslab.database.answer must be 1s to 10m");
    }
  }

  private HikariDataSource pool(String url, String answer) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    pool.setUsername(store.database.username());
    pool.setPassword(store.database.password());
    pool.setMaximumPoolSize(2);
    limits(answer).postProcessBeforeInitialization(pool, "dataSource");
    return pool;
  }

  private static DatabaseLimits limits(String answer) {
    return new DatabaseLimits(
        new MockEnvironment().withProperty("aiopslab.database.answer", answer));
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  private static int session(JdbcClient sql) {
    return sql.sql("SELECT pg_backend_pid()").query(Integer.class).single();
  }

  private static String setting(JdbcClient sql, String name) {
    return sql.sql("SELECT current_setting('" + name + "')").query(String.class).single();
  }
}

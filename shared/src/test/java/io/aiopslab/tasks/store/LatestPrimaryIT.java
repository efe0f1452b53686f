package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.aiopslab.tasks.testing.ReplicatedDatabase;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.env.MockEnvironment;

/** A primary, its standby that is promoted, and the primary that comes back as if it still were. */
class LatestPrimaryIT {
  private static final String PORT = "SELECT inet_server_port()";

  @Test
  @Timeout(180)
  void whoeverWasPromotedLastIsUsedThoughTheOldPrimaryIsBack() {
    try (ReplicatedDatabase database = ReplicatedDatabase.start();
        HikariDataSource pool = pool(database)) {
      JdbcClient sql = JdbcClient.create(pool);
      long first = database.primary().ask(PORT);
      long second = database.standby().ask(PORT);
      assertThat(port(sql)).isEqualTo(first);

      database.promote();
      try (HikariDataSource fresh = pool(database)) {
        assertThat(port(JdbcClient.create(fresh)))
            .as("of two that both say that they are the primary")
            .isEqualTo(second);
      }
      database.standby().kill();
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(port(sql)).isEqualTo(second));

      database.standby().start();
      for (int i = 0; i < 5; i++) {
        pool.getHikariPoolMXBean().softEvictConnections();
        assertThat(port(sql)).isEqualTo(second);
      }

      database.primary().kill();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 20; i++) {
                  pool.getHikariPoolMXBean().softEvictConnections();
                  assertThat(port(sql)).isEqualTo(second);
                }
              })
          .as("no server is better than one that has forgotten what was committed")
          .isInstanceOf(DataAccessException.class);
    }
  }

  /** As when a network comes back before anybody has noticed that it was away. */
  @Tag("thorough")
  @Test
  @Timeout(180)
  void aPrimaryThatWasReplacedIsLeftThoughItNeverWentAway() {
    try (ReplicatedDatabase database = ReplicatedDatabase.start();
        HikariDataSource pool = pool(database)) {
      JdbcClient sql = JdbcClient.create(pool);
      port(sql);
      long second = database.standby().ask(PORT);
      database.promote();
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                try (Connection lost = pool.getConnection()) {
                  pool.evictConnection(lost);
                }
                assertThat(port(sql)).isEqualTo(second);
              });
    }
  }

  @Tag("thorough")
  @Test
  @Timeout(180)
  void aStandbyIsNoPrimaryThoughItsAddressIsTheOnlyOne() {
    try (ReplicatedDatabase database = ReplicatedDatabase.start();
        HikariDataSource pool = pool(database.standby().jdbcUrl())) {
      assertThatThrownBy(() -> port(JdbcClient.create(pool)))
          .isInstanceOf(DataAccessException.class);
      database.promote();
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> port(JdbcClient.create(pool)) > 0);
    }
  }

  private static HikariDataSource pool(ReplicatedDatabase database) {
    return pool(database.jdbcUrl());
  }

  private static HikariDataSource pool(String url) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    pool.setUsername("postgres");
    pool.setPassword("postgres");
    pool.setMaximumPoolSize(2);
    pool.setMinimumIdle(0);
    pool.setInitializationFailTimeout(-1);
    new DatabaseLimits(new MockEnvironment().withProperty("aiopslab.database.answer", "1600ms"))
        .postProcessBeforeInitialization(pool, "dataSource");
    return pool;
  }

  private static long port(JdbcClient sql) {
    return sql.sql(PORT).query(Long.class).single();
  }
}

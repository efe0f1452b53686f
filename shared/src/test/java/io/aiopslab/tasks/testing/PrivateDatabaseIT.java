package io.aiopslab.tasks.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("fixtures")
class PrivateDatabaseIT {
  private PrivateDatabase database;

  @BeforeEach
  void start() {
    database = TestDatabase.startPrivate();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void keepsCommittedRowsThroughKillAndStop() {
    sql().sql("CREATE TABLE t (id int)").update();
    insert();
    database.kill();
    assertThatThrownBy(() -> database.dataSource().getConnection())
        .isInstanceOf(SQLException.class);

    database.start();
    insert();
    database.stop();
    database.start();
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void answersNothingWhilePaused() throws SQLException {
    try (Connection open = database.dataSource().getConnection()) {
      open.setNetworkTimeout(Runnable::run, 500);
      database.pause();
      assertThatThrownBy(() -> open.createStatement().execute("SELECT 1"))
          .hasRootCauseInstanceOf(SocketTimeoutException.class);
    }
    database.resume();
    assertThat(sql().sql("SELECT 1").query(Integer.class).single()).isEqualTo(1);
  }

  @Test
  void canBeKilledWhilePaused() {
    database.pause();
    database.kill();
    database.start();
    assertThat(sql().sql("SELECT 1").query(Integer.class).single()).isEqualTo(1);
  }

  private void insert() {
    sql().sql("INSERT INTO t VALUES (1)").update();
  }

  private int rows() {
    return sql().sql("SELECT count(*) FROM t").query(Integer.class).single();
  }

  private JdbcClient sql() {
    return JdbcClient.create(database.dataSource());
  }
}

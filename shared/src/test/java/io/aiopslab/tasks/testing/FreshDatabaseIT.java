package io.aiopslab.tasks.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("fixtures")
class FreshDatabaseIT {
  @Test
  void databasesDoNotSeeEachOther() {
    try (TestDatabase one = TestDatabase.create();
        TestDatabase other = TestDatabase.create()) {
      JdbcClient.create(one.dataSource()).sql("CREATE TABLE t (id int)").update();
      assertThat(tables(one)).isEqualTo(1);
      assertThat(tables(other)).isZero();
    }
  }

  @Test
  void isDroppedOnCloseWithConnectionsOpen() throws SQLException {
    TestDatabase database = TestDatabase.create();
    try (var open = database.dataSource().getConnection()) {
      database.close();
      assertThat(open.isValid(5)).isFalse();
    }
    assertThatThrownBy(() -> database.dataSource().getConnection())
        .hasMessageContaining("does not exist");
  }

  private static int tables(TestDatabase database) {
    return JdbcClient.create(database.dataSource())
        .sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        .query(Integer.class)
        .single();
  }
}

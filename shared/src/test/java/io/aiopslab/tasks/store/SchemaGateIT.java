package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class SchemaGateIT {
  @Test
  void knowsHowTheChangelogEnds() {
    try (Store store = new Store()) {
      assertThat(applied(store)).endsWith(SchemaGate.NEWEST_CHANGESET);
      assertThat(applied(store)).hasSize(SchemaGate.CHANGESETS);
      assertThat(store.gate.isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SchemaGate.NEWEST_CHANGESET, "016-feed"})
  void waitsForTheNewestChangesetAndForOneThatWasAddedBeforeIt(String missing) {
    try (Store store = new Store()) {
      store.sql.sql("DELETE FROM databasechangelog WHERE id = ?").param(missing).update();
      assertThat(store.gate.isOpen()).isFalse();
    }
  }

  private static List<String> applied(Store store) {
    return store
        .sql
        .sql("SELECT id FROM databasechangelog ORDER BY orderexecuted")
        .query(String.class)
        .list();
  }

  /** PostgreSQL says both with a code of class 42; what to do is not the same. */
  @Test
  void aUserWithoutRightsIsToldSo() throws Exception {
    try (Store store = new Store();
        Connection connection = store.open()) {
      connection.createStatement().execute("SET ROLE pg_signal_backend");
      SchemaGate gate =
          new SchemaGate(JdbcClient.create(new SingleConnectionDataSource(connection, true)));
      assertThat(gate.look()).isEqualTo(SchemaGate.Sight.FORBIDDEN);
      assertThat(String.valueOf(new DatabaseHealth(gate).health().getDetails().get("reason")))
          .contains("infra/postgres/roles.sql");
    }
  }

  @Test
  void isClosedWhileThereIsNoSchema() {
    try (TestDatabase empty = TestDatabase.create()) {
      assertThat(new SchemaGate(JdbcClient.create(empty.dataSource())).isOpen()).isFalse();
    }
  }
}

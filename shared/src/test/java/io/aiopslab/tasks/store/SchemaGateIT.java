package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

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

  @Test
  void isClosedWhileThereIsNoSchema() {
    try (TestDatabase empty = TestDatabase.create()) {
      assertThat(new SchemaGate(JdbcClient.create(empty.dataSource())).isOpen()).isFalse();
    }
  }
}

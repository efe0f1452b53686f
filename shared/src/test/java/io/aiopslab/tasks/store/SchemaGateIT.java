package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class SchemaGateIT {
  @Test
  void waitsForTheNewestChangesetOfTheChangelog() {
    try (Store store = new Store()) {
      assertThat(
              store
                  .sql
                  .sql("SELECT id FROM databasechangelog ORDER BY orderexecuted DESC LIMIT 1")
                  .query(String.class)
                  .single())
          .isEqualTo(SchemaGate.NEWEST_CHANGESET);
      assertThat(store.gate.isOpen()).isTrue();

      store
          .sql
          .sql("DELETE FROM databasechangelog WHERE id = ?")
          .param(SchemaGate.NEWEST_CHANGESET)
          .update();
      assertThat(store.gate.isOpen()).isFalse();
    }
  }

  @Test
  void isClosedWhileThereIsNoSchema() {
    try (TestDatabase empty = TestDatabase.create()) {
      assertThat(new SchemaGate(JdbcClient.create(empty.dataSource())).isOpen()).isFalse();
    }
  }
}

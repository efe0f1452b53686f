package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Two processes of the API and one schema. */
@Tag("thorough")
class MigrationIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String IN_THE_MIDDLE =
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query ILIKE '%CREATE TABLE tasks%'
      """;

  @TempDir private Path directory;

  @Test
  void whoIsKilledInTheMiddleOfAMigrationIsFollowedByWhoWaits() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        TestBroker broker = TestBroker.create()) {
      JdbcClient sql = JdbcClient.create(database.dataSource());
      Map<String, String> environment = ServiceEnvironment.servers(database, broker);
      try (Connection obstacle = database.dataSource().getConnection();
          Statement statement = obstacle.createStatement();
          ServiceProcess first = ServiceProcess.start("task-api", directory, environment)) {
        obstacle.setAutoCommit(false);
        statement.execute("CREATE TABLE tasks (in_the_way int)");
        await("the first is held up in its migration")
            .atMost(PATIENCE)
            .failFast("the first ended", () -> !first.isAlive())
            .until(() -> sql.sql(IN_THE_MIDDLE).query(Integer.class).single() == 1);
        try (ServiceProcess second = ServiceProcess.start("task-api", directory, environment)) {
          await("the second waits for its turn")
              .atMost(PATIENCE)
              .failFast("the second ended", () -> !second.isAlive())
              .until(() -> Files.readString(second.log()).contains("has been migrated by"));
          assertThat(second.isReady()).isFalse();
          first.kill();
          obstacle.rollback();
          second.awaitReady();
          assertThat(
                  new HttpCalls(second.url())
                      .post("/api/v1/tasks", "{\"problem_id\": \"p\"}")
                      .status())
              .isEqualTo(201);
        }
        assertThat(
                sql.sql("SELECT count(*) - count(DISTINCT id) FROM databasechangelog")
                    .query(Integer.class)
                    .single())
            .isZero();
      }
    }
  }
}

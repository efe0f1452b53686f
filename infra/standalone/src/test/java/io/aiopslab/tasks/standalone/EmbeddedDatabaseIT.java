package io.aiopslab.tasks.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class EmbeddedDatabaseIT {
  @TempDir Path directory;

  @Test
  void dataOutlivesTheServer() throws IOException {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      client(database).sql("CREATE TABLE kept AS SELECT 42 AS answer").update();
      assertThat(setting(database, "fsync")).isEqualTo("on");
      assertThat(setting(database, "synchronous_commit")).isEqualTo("on");
      assertThat(setting(database, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(setting(database, "server_version"))
          .startsWith(PostgresCluster.MAJOR_VERSION + ".");
    }
    String processIdThatNowIsAnothers = ProcessHandle.current().pid() + "\n";
    Files.writeString(directory.resolve("cluster/postmaster.pid"), processIdThatNowIsAnothers);
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      assertThat(answer(database)).isEqualTo(42);
    }
  }

  @Test
  void refusesDataOfAnotherMajorVersion() throws IOException {
    Files.createDirectories(directory.resolve("cluster"));
    Files.createFile(directory.resolve("completed"));
    Files.writeString(directory.resolve("cluster/PG_VERSION"), "17\n");
    assertThatThrownBy(() -> EmbeddedDatabase.start(directory))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("was written by PostgreSQL 17")
        .hasMessageContaining("brings " + PostgresCluster.MAJOR_VERSION);
  }

  @Test
  void beginsAnewAfterAFirstStartThatWasCutOff() throws IOException {
    Files.createDirectories(directory.resolve("cluster"));
    Files.writeString(directory.resolve("cluster/postgresql.conf"), "half of it");
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      assertThat(setting(database, "fsync")).isEqualTo("on");
    }
  }

  private static String setting(EmbeddedDatabase database, String name) {
    return client(database).sql("SHOW " + name).query(String.class).single();
  }

  static int answer(EmbeddedDatabase database) {
    return client(database).sql("SELECT answer FROM kept").query(Integer.class).single();
  }

  static JdbcClient client(EmbeddedDatabase database) {
    return JdbcClient.create(
        new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()));
  }
}

package io.aiopslab.tasks.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class EmbeddedDatabaseIT {
  @TempDir Path directory;

  @Test
  void dataOutlivesTheServer() {
    Path data = directory.resolve("postgres");
    try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
      client(database).sql("CREATE TABLE kept AS SELECT 42 AS answer").update();
    }
    try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
      assertThat(answer(database)).isEqualTo(42);
    }
  }

  @Test
  void twoDoNotShareTheirData() {
    Path data = directory.resolve("postgres");
    try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
      assertThatThrownBy(() -> EmbeddedDatabase.start(data))
          .isInstanceOf(CannotStartException.class)
          .hasMessageContaining("another make run uses");
      assertThat(client(database).sql("SHOW server_version").query(String.class).single())
          .startsWith(EmbeddedDatabase.MAJOR_VERSION + ".");
    }
  }

  @Test
  void dataOfAnotherVersionIsLeftAlone() throws IOException {
    Path data = directory.resolve("postgres");
    EmbeddedDatabase.start(data).close();
    Files.writeString(data.resolve("PG_VERSION"), "9\n");
    assertThatThrownBy(() -> EmbeddedDatabase.start(data))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("is PostgreSQL 9's");
    assertThat(data.resolve("base")).isNotEmptyDirectory();
  }

  @Test
  void aServerThatItsKilledJvmLeftBehindIsReplaced() throws Exception {
    Path data = directory.resolve("postgres");
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HoldsADatabase.class.getName(),
                data.toString())
            .redirectError(directory.resolve("jvm.log").toFile())
            .start();
    assertThat(jvm.inputReader().lines().anyMatch("ready"::equals)).isTrue();
    long formerServer = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0));
    jvm.destroyForcibly();
    assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();

    try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
      assertThat(answer(database)).isEqualTo(42);
      assertThat(ProcessHandle.of(formerServer)).isEmpty();
    }
  }

  private static int answer(EmbeddedDatabase database) {
    return client(database).sql("SELECT answer FROM kept").query(Integer.class).single();
  }

  static JdbcClient client(EmbeddedDatabase database) {
    return JdbcClient.create(
        new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()));
  }
}

package io.aiopslab.tasks.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to the data when the JVM that holds the embedded servers is killed. */
class KilledJvmIT {
  @TempDir Path directory;
  private Process jvm;

  @BeforeEach
  void startServersInAnotherJvm() throws IOException {
    jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                HoldsServers.class.getName(),
                directory.toString())
            .redirectError(directory.resolve("jvm.log").toFile())
            .start();
    assertThat(jvm.inputReader(UTF_8).lines().anyMatch("confirmed 500"::equals)).isTrue();
  }

  @AfterEach
  void endWhatIsLeft() throws Exception {
    jvm.destroyForcibly().waitFor();
    new PostgresCluster(directory.resolve("postgres/cluster")).endLeftoverServer();
  }

  @Test
  void itsDataIsLeftAloneWhileItLivesAndIsCompleteAfterwards() throws Exception {
    assertThatThrownBy(() -> EmbeddedDatabase.start(directory.resolve("postgres")))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("in use");
    assertThatThrownBy(() -> EmbeddedBroker.start(directory.resolve("broker")))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("in use");
    long formerServer = formerServer();
    assertThat(ProcessHandle.of(formerServer)).isPresent();

    jvm.destroyForcibly().waitFor();

    try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"))) {
      assertThat(EmbeddedBrokerIT.waitingTickets(broker)).isEqualTo(500);
    }
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory.resolve("postgres"))) {
      assertThat(EmbeddedDatabaseIT.answer(database)).isEqualTo(42);
      assertThat(ProcessHandle.of(formerServer)).isEmpty();
    }
  }

  private long formerServer() throws IOException {
    Path pidFile = directory.resolve("postgres/cluster/postmaster.pid");
    return Long.parseLong(Files.readAllLines(pidFile).get(0));
  }
}

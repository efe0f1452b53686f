package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Looks for what is left of servers that another JVM started. */
@EnabledIf(value = "isInstalled", disabledReason = "no rabbitmq-server installed")
@Tag("fixtures")
class LeftoverIT {
  @TempDir private Path temporary;
  private Process jvm;
  private List<ProcessHandle> servers;

  static boolean isInstalled() {
    return RabbitServerScript.find().isPresent();
  }

  @BeforeEach
  void startServersInAnotherJvm() throws IOException {
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                ServerOwner.class.getName())
            .redirectError(Redirect.DISCARD)
            .start();
    assertThat(
            jvm.inputReader(UTF_8).lines().filter(line -> line.startsWith("started")).findFirst())
        .isPresent();
    servers = jvm.descendants().toList();
    assertThat(programs()).contains("beam.smp", "epmd", "postgres");
    assertThat(temporary).isNotEmptyDirectory();
  }

  @AfterEach
  void end() {
    jvm.destroyForcibly();
  }

  @Test
  void nothingAfterClose() throws IOException {
    jvm.outputWriter(UTF_8).append('c').flush();
    assertThat(jvm.inputReader(UTF_8).readLine()).isEqualTo("closed");
    await().atMost(Duration.ofSeconds(5)).until(() -> programs().isEmpty());
    assertThat(temporaryFolders()).isEmpty();
  }

  @Test
  void nothingAfterTheJvmIsKilled() throws Exception {
    jvm.destroyForcibly().waitFor();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> programs().isEmpty() && temporaryFolders().isEmpty());
  }

  /** Of the servers still running; a zombie has none. */
  private List<String> programs() {
    return servers.stream()
        .filter(ProcessHandle::isAlive)
        .flatMap(server -> server.info().command().stream())
        .map(command -> Path.of(command).getFileName().toString())
        .toList();
  }

  private List<Path> temporaryFolders() throws IOException {
    try (var entries = Files.list(temporary)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith("aiopslab-"))
          .toList();
    }
  }
}

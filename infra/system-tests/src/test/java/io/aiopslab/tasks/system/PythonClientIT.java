package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.testing.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python client, its command line and the examples, against what {@code make run} starts. */
@Tag("thorough")
class PythonClientIT {
  private static final Path TESTS =
      Path.of("../clients/python/tests/service").toAbsolutePath().normalize();

  @TempDir Path directory;

  @Test
  void itsOwnTestsPassAgainstARunningService() throws Exception {
    try (StandaloneProcess service =
        StandaloneProcess.start(
            directory,
            "service.log",
            FreePort.find(),
            "--aiopslab.standalone.sample-task=false",
            "--aiopslab.standalone.workers=4")) {
      service.awaitUp();
      Path log = directory.resolve("python.log");
      Process tests = start(service.url(), log);
      boolean ended = tests.waitFor(6, TimeUnit.MINUTES);
      tests.destroyForcibly().waitFor();
      String said = Files.readString(log);
      System.out.println(said);
      assertThat(ended).as("the tests end within 6 min:\n%s", said).isTrue();
      assertThat(tests.exitValue()).as(said).isZero();
      assertThat(said).doesNotContain("Ran 0 tests");
    }
  }

  private Process start(String url, Path log) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            "python3",
            "-W",
            "error::ResourceWarning",
            "-m",
            "unittest",
            "discover",
            "-v",
            "-s",
            TESTS.toString());
    builder.environment().put("AIOPSLAB_URL", url);
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    return builder
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}

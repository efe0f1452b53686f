package io.aiopslab.tasks.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

/** Whether a Docker engine answers. */
final class DockerEngine {
  private static @Nullable Boolean answers;

  private DockerEngine() {}

  /**
   * Quick and quiet when there is none: Testcontainers is asked only if something points at one.
   */
  static synchronized boolean answers() {
    if (answers == null) {
      answers = isConfigured() && DockerClientFactory.instance().isDockerAvailable();
    }
    return answers;
  }

  private static boolean isConfigured() {
    Path home = Path.of(System.getProperty("user.home"));
    String runtime = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/run/user/none");
    return System.getenv("DOCKER_HOST") != null
        || Stream.of(
                Path.of("/var/run/docker.sock"),
                Path.of(runtime, "docker.sock"),
                home.resolve(".docker/run/docker.sock"),
                home.resolve(".docker/desktop/docker.sock"),
                home.resolve(".testcontainers.properties"))
            .anyMatch(Files::exists);
  }
}

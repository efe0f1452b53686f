package io.aiopslab.tasks.worker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;

class RunToolTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  @TempDir Path directory;
  private final MockEnvironment environment = new MockEnvironment();

  @BeforeEach
  void findTools() {
    environment.setProperty("PATH", directory + ":" + System.getenv("PATH"));
    environment.setProperty("HOME", "/home/operator");
    environment.setProperty("SPRING_DATASOURCE_PASSWORD", "secret");
  }

  @Test
  void aToolSeesOnlyWhatItNeeds() throws Exception {
    write("tool", "env; pwd");
    assertThat(run(LONG).lines())
        .contains("HOME=/home/operator", "KUBECONFIG=" + kubeconfig().file(), directory.toString())
        .noneMatch(line -> line.startsWith("SPRING") || line.startsWith("JAVA"));
  }

  @Test
  void nothingOfAnArgumentIsShell() throws Exception {
    write("tool", "printf '%s|' \"$@\"");
    assertThat(run(LONG, "$(id)", "a b", "", "*; exit 1")).isEqualTo("$(id)|a b||*; exit 1|");
  }

  @Test
  void aFailureIsToldWithTheEndOfStandardError() throws Exception {
    write("tool", "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo last >&2; exit 7");
    assertThatThrownBy(() -> run(LONG))
        .isInstanceOf(ToolFailedException.class)
        .hasMessageContaining("tool ended with status 7")
        .hasMessageEndingWith("last");
  }

  @Test
  void tooMuchOutputIsReadAndNotKept() throws Exception {
    write("tool", "head -c 9000000 /dev/zero");
    assertThatThrownBy(() -> run(LONG)).hasMessageContaining("wrote more than 4194304 bytes");
  }

  @Test
  void theLimitEndsTheWholeTree() throws Exception {
    write("tool", "sleep 3600 & echo $! > child; wait");
    assertThatThrownBy(() -> run(Duration.ofMillis(500)))
        .isInstanceOf(ToolFailedException.class)
        .hasMessage("tool did not end within 500ms");
    awaitChildGone();
  }

  @Test
  void anInterruptEndsTheWholeTree() throws Exception {
    write("tool", "sleep 3600 & echo $! > child; wait");
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread thread = new Thread(() -> thrown.complete(failure()));
    thread.start();
    await().until(() -> child().isPresent());
    thread.interrupt();
    assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    awaitChildGone();
  }

  @Test
  void aMissingToolSaysWhatToInstall() {
    assertThatThrownBy(() -> run(LONG))
        .isInstanceOf(ClusterUnusableException.class)
        .hasMessageContaining("no program 'tool' on the PATH")
        .hasMessageContaining("install it");
  }

  private Throwable failure() {
    try {
      return new AssertionError(run(LONG));
    } catch (Exception e) {
      return e;
    }
  }

  private void awaitChildGone() throws IOException {
    ProcessHandle child = child().orElse(null);
    if (child != null) {
      await().until(() -> !child.isAlive());
    }
    assertThat(directory.resolve("child")).exists();
  }

  private java.util.Optional<ProcessHandle> child() throws IOException {
    Path file = directory.resolve("child");
    String pid = Files.exists(file) ? Files.readString(file).strip() : "";
    return pid.isEmpty() ? java.util.Optional.empty() : ProcessHandle.of(Long.parseLong(pid));
  }

  private String run(Duration limit, String... arguments) throws Exception {
    return new RunTool(environment).run(kubeconfig(), limit, "tool", List.of(arguments));
  }

  private PrivateKubeconfig kubeconfig() {
    return new PrivateKubeconfig(directory, "kind-a");
  }

  private void write(String tool, String script) throws IOException {
    Path file = Files.writeString(directory.resolve(tool), "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}

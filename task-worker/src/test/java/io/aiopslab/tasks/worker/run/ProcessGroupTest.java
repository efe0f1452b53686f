package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProcessGroupTest {
  private static final Path NOWHERE = Path.of("/nowhere");

  private final UUID session = UUID.randomUUID();

  static Stream<Named<RunningProcesses>> hosts() {
    return Stream.of(
        Named.of("with /proc", RunningProcesses.HERE),
        Named.of("without /proc", new RunningProcesses(NOWHERE, Path.of("/bin/ps"))));
  }

  /** Kernel threads and processes that came from outside a container have the session 0. */
  @ParameterizedTest
  @MethodSource("hosts")
  void withoutALeaderOnlyProcessesWithTheMarkBelongToARun(RunningProcesses host) throws Exception {
    Process marked = start(Map.of(RunVariables.SESSION, session.toString()), "sleep", "60");
    try {
      ProcessGroup run = new ProcessGroup(0, session, host);
      assertThat(run.living()).containsExactly(marked.pid());
      assertThat(new ProcessGroup(0, UUID.randomUUID(), host).living()).isEmpty();
      run.kill();
      assertThat(marked.waitFor()).isEqualTo(137);
      await().until(() -> run.living().isEmpty());
    } finally {
      marked.destroyForcibly();
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void whatItsLeaderStartedBelongsToItWithoutAMark(RunningProcesses host) throws Exception {
    String family =
        "import os, time; os.setsid(); child = os.fork(); print(child, flush=True) if child else 0;"
            + " time.sleep(60)";
    Process leader = start(Map.of(), "python3", "-c", family);
    try {
      long child = Long.parseLong(leader.inputReader().readLine());
      ProcessGroup run = new ProcessGroup(leader.pid(), session, host);
      assertThat(run.living()).containsExactlyInAnyOrder(leader.pid(), child);
      run.kill();
      assertThat(leader.waitFor()).isEqualTo(137);
      await().until(() -> run.living().isEmpty());
    } finally {
      leader.destroyForcibly();
    }
  }

  @Test
  void whereNothingTellsWhoRunsNobodyIsTakenForGone() {
    ProcessGroup run = new ProcessGroup(0, session, new RunningProcesses(NOWHERE, NOWHERE));
    assertThatThrownBy(run::living)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mount /proc, or install /nowhere");
  }

  private static Process start(Map<String, String> more, String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(more);
    return builder.start();
  }
}

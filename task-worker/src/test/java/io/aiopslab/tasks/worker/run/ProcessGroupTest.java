package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProcessGroupTest {
  /** Kernel threads and processes that came from outside a container have the session 0. */
  @Test
  void withoutALeaderOnlyProcessesWithTheMarkBelongToARun() throws Exception {
    UUID session = UUID.randomUUID();
    ProcessBuilder builder = new ProcessBuilder("sleep", "60");
    builder.environment().putAll(Map.of(RunVariables.SESSION, session.toString()));
    Process marked = builder.start();
    try {
      assertThat(new ProcessGroup(0, session).living()).containsExactly(marked.pid());
      assertThat(new ProcessGroup(0, UUID.randomUUID()).living()).isEmpty();
      new ProcessGroup(0, session).kill();
      assertThat(marked.waitFor()).isEqualTo(137);
    } finally {
      marked.destroyForcibly();
    }
  }
}

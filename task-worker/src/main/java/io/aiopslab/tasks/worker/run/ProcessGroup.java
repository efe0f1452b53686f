package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.run.RunningProcesses.Seen;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The processes of a run: the group and session that its supervisor leads, and whatever has the
 * run's session id in its environment, as a process that made a session of its own still has.
 *
 * @param leader 0 where it is not known
 */
record ProcessGroup(long leader, UUID session, RunningProcesses host) {

  ProcessGroup(long leader, UUID session) {
    this(leader, session, RunningProcesses.HERE);
  }

  /** SIGKILL to all of them. */
  void kill() throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", "-KILL", "--"));
    if (leader > 0) {
      command.add("-" + leader);
    }
    living().forEach(pid -> command.add(Long.toString(pid)));
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new IllegalStateException("there is no program 'kill' on the PATH of the worker", e);
    }
  }

  /**
   * Pids of those that still run.
   *
   * @throws IllegalStateException if nothing tells who runs here
   */
  List<Long> living() {
    String mark = RunVariables.SESSION + "=" + session;
    return host.living().stream()
        .filter(
            seen ->
                isLedBy(seen.group()) || isLedBy(seen.session()) || seen.environment().test(mark))
        .map(Seen::pid)
        .toList();
  }

  /** Processes whose leader is outside this container have the group and session 0: not ours. */
  private boolean isLedBy(long id) {
    return leader > 0 && id == leader;
  }
}

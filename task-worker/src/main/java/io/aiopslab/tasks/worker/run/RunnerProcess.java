package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.loop.Threads;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The supervisor of a run and all that is below it. Its standard input stays open as long as the
 * run: if this process dies, the supervisor sees the end of it and ends the run.
 */
final class RunnerProcess {
  private static final Logger log = LoggerFactory.getLogger(RunnerProcess.class);
  private static final Duration BACKSTOP = Duration.ofSeconds(3);

  private final Process process;
  private final ProcessGroup group;
  private final ExecutorService writer = Threads.discarding("to-runner", Integer.MAX_VALUE);

  private RunnerProcess(Process process, UUID session) {
    this.process = process;
    this.group = new ProcessGroup(process.pid(), session);
  }

  static RunnerProcess start(
      UUID session, List<String> command, Path directory, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return new RunnerProcess(builder.start(), session);
  }

  /** Writes a line after those before; nobody waits for a runner that does not read it. */
  void send(byte[] line) {
    writer.execute(() -> write(line));
  }

  private void write(byte[] line) {
    OutputStream stdin = process.getOutputStream();
    try {
      stdin.write(line);
      stdin.write('\n');
      stdin.flush();
    } catch (IOException e) {
      log.debug("The runner ended without reading what it was sent", e);
    }
  }

  InputStream output() {
    return process.getInputStream();
  }

  InputStream errors() {
    return process.getErrorStream();
  }

  void onExit(Runnable action) {
    var unused = process.onExit().thenRun(action);
  }

  int exitStatus() {
    return process.exitValue();
  }

  /**
   * Makes sure that nothing is left: SIGTERM, which the supervisor passes on, the grace period, and
   * SIGKILL for what ignores it.
   */
  void end(Duration grace) throws InterruptedException {
    if (process.isAlive()) {
      // Not Process.destroy(), which also closes the streams: what a run says last would be lost,
      // and its recovery would fail at the first line that it prints.
      process.toHandle().destroy();
      if (!process.waitFor(grace.plus(BACKSTOP).toMillis(), TimeUnit.MILLISECONDS)) {
        log.error(
            "The supervisor {} did not end its run in time; killing the group", process.pid());
        group.kill();
        process.destroyForcibly().waitFor();
      }
    }
    List<Long> left = group.living();
    for (int tries = 0; !left.isEmpty() && tries < 50; tries++) {
      group.kill();
      TimeUnit.MILLISECONDS.sleep(20);
      left = group.living();
    }
    if (!left.isEmpty()) {
      log.error("Processes {} of a run cannot be ended; look at them on this host", left);
    }
  }

  /** Lets the supervisor's standard input end; the process is gone. */
  void close() {
    writer.shutdownNow();
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      log.debug("Closing the runner's standard input", e);
    }
  }
}

package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.trace.LogKeys;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two threads that read what a run's process writes. */
final class OutputReaders {
  private static final Logger log = LoggerFactory.getLogger(OutputReaders.class);
  private static final long LAST_OUTPUT_MILLIS = 5000;

  private final RunEnd end;
  private final Thread output;
  private final Thread errors;

  OutputReaders(WorkerSettings settings, RunnerProcess process, Talk talk, RunEnd end) {
    int logBytes = (int) settings.maxLogLine().toBytes();
    int protocolBytes = (int) settings.maxProtocolLine().toBytes();
    this.end = end;
    this.output =
        start("stdout", new OutputLines(logBytes, protocolBytes), process.output(), talk::output);
    this.errors =
        start("stderr", new OutputLines(logBytes, logBytes), process.errors(), talk::error);
  }

  private Thread start(
      String name, OutputLines lines, InputStream stream, Consumer<OutputLine> consumer) {
    return Threads.start(
        Thread.currentThread().getName() + "-" + name,
        LogKeys.carried(() -> read(lines, stream, consumer)));
  }

  private void read(OutputLines lines, InputStream stream, Consumer<OutputLine> consumer) {
    try {
      lines.read(stream, consumer);
    } catch (IOException e) {
      log.debug("The output of a run was closed", e);
    } catch (RuntimeException | Error e) {
      log.error("The output of a run cannot be kept; ending it", e);
      end.because(EndCause.INTERNAL);
    }
  }

  /** Waits for what a process that is gone has written last. */
  void await() throws InterruptedException {
    output.join(LAST_OUTPUT_MILLIS);
    errors.join(LAST_OUTPUT_MILLIS);
    if (output.isAlive() || errors.isAlive()) {
      log.error("Something still holds the output of a run that has ended; not waiting for it");
    }
  }
}

package io.aiopslab.tasks.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code docs/examples/http_worker.py} as a process. */
final class ExampleWorker implements AutoCloseable {
  private static final Path SCRIPT =
      Path.of("../../docs/examples/http_worker.py").toAbsolutePath().normalize();

  private final Process process;

  private ExampleWorker(Process process) {
    this.process = process;
  }

  static ExampleWorker start(String url, String name, String backendType, Path directory) {
    ProcessBuilder builder =
        new ProcessBuilder(List.of("python3", SCRIPT.toString(), url, name, backendType));
    builder.directory(directory.toFile()).redirectErrorStream(true);
    builder.redirectOutput(directory.resolve("example-" + name + ".log").toFile());
    try {
      return new ExampleWorker(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM; the worker ends what it runs and signs off. */
  void terminate() {
    process.destroy();
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the example worker did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}

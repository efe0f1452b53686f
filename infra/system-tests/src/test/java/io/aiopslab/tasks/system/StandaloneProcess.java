package io.aiopslab.tasks.system;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What {@code make run} starts, as a process; its data is kept below its working directory. */
final class StandaloneProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final int port;

  private StandaloneProcess(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  static StandaloneProcess start(Path directory, String log, int port, String... more) {
    Path jar = Path.of("../standalone/target/standalone.jar").toAbsolutePath().normalize();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"));
    command.addAll(List.of("-jar", jar.toString()));
    command.add("--aiopslab.standalone.api-port=" + port);
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    Path output = directory.resolve(log);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    try {
      return new StandaloneProcess(builder.start(), output, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns what it has printed until then. */
  String awaitUp() {
    return await("the service is up")
        .atMost(Duration.ofMinutes(2))
        .failFast("the service ended: see " + log, () -> !process.isAlive())
        .until(this::output, said -> said.contains("Ctrl-C stops it"));
  }

  String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for its end, and returns its exit code. */
  int awaitExit() {
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the service did not end within 60 s:\n" + output());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** SIGTERM. */
  @Override
  public void close() {
    process.destroy();
    awaitExit();
  }
}

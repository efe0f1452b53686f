package io.aiopslab.tasks.testing;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** One run of a server program, with the processes it starts. */
final class ServerProcess {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration END_LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final ServerDirectory directory;
  private final Path output;

  private ServerProcess(Process process, ServerDirectory directory, Path output) {
    this.process = process;
    this.directory = directory;
    this.output = output;
  }

  /** Starts the command in the directory, which ends it with the given signal when closed. */
  static ServerProcess start(ProcessBuilder command, ServerDirectory directory, String endSignal) {
    String program = Path.of(command.command().get(0)).getFileName().toString();
    Path output = directory.path().resolve(program + ".out");
    command
        .directory(directory.path().toFile())
        .redirectErrorStream(true)
        .redirectInput(Redirect.from(new File("/dev/null")))
        .redirectOutput(Redirect.appendTo(output.toFile()));
    try {
      Process process = command.start();
      directory.guard(process.pid(), endSignal);
      return new ServerProcess(process, directory, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until the server answers; fails with its last lines of output if it ends before. */
  void awaitReady(Callable<Boolean> ready) {
    await()
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> !process.isAlive() || ready.call());
    if (!process.isAlive()) {
      directory.release(pid());
      throw new IllegalStateException("server ended while starting:\n" + lastLines());
    }
  }

  /** Sends the signal and waits until the process and its children have ended. */
  void end(String signal) {
    List<ProcessHandle> family = family();
    signal("CONT", family);
    signal(signal, List.of(process.toHandle()));
    awaitEnd(family);
  }

  /** First the server itself, so that it starts no child that would go on. */
  void pause() {
    signal("STOP", List.of(process.toHandle()));
    signal("STOP", family());
  }

  void resume() {
    signal("CONT", family());
  }

  private List<ProcessHandle> family() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
  }

  private void awaitEnd(List<ProcessHandle> family) {
    await()
        .atMost(END_LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> family.stream().noneMatch(ServerProcess::isRunning));
    directory.release(pid());
  }

  /** False for a zombie too: it has no program any more. */
  private static boolean isRunning(ProcessHandle handle) {
    return handle.isAlive() && handle.info().command().isPresent();
  }

  private static void signal(String signal, List<ProcessHandle> family) {
    Stream<String> pids = family.stream().map(handle -> Long.toString(handle.pid()));
    try {
      new ProcessBuilder(Stream.concat(Stream.of("kill", "-" + signal), pids).toList())
          .redirectErrorStream(true)
          .redirectOutput(Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String lastLines() {
    try {
      List<String> lines = Files.readAllLines(output);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (IOException e) {
      return "(no output: " + e + ")";
    }
  }
}

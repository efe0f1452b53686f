package io.aiopslab.tasks.system;

import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.testing.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One service in a JVM of its own, configured by its environment only. It can be started again
 * after its end: with the same port, settings, directories and log.
 */
public final class ServiceProcess implements AutoCloseable {
  /**
   * What every service's JVM is told besides, such as {@code -XX:TieredStopAtLevel=4}. Without the
   * property, a heap as large as it is after the start: to grow there takes full collections.
   */
  private static final List<String> JVM =
      Stream.of(System.getProperty("aiopslab.services.jvm", "-Xms64m").split(" "))
          .filter(argument -> !argument.isEmpty())
          .toList();

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Whatever becomes of the test, no service outlives its JVM. */
  private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> STARTED.forEach(Process::destroyForcibly)));
  }

  private final String service;
  private final int port;
  private final Path log;
  private final ProcessBuilder command;
  private Process process;

  private ServiceProcess(String service, int port, Path log, ProcessBuilder command) {
    this.service = service;
    this.port = port;
    this.log = log;
    this.command = command;
    this.process = launch(command);
  }

  /**
   * Starts a service without waiting for it.
   *
   * @param service the module's directory, from the root
   */
  public static ServiceProcess start(
      String service, Path directory, Map<String, String> environment) {
    return start(service, directory, environment, List.of());
  }

  /**
   * Likewise, with arguments for its JVM.
   *
   * @param jvm for example {@code -Daiopslab.failpoint=…}
   */
  public static ServiceProcess start(
      String service, Path directory, Map<String, String> environment, List<String> jvm) {
    int port = FreePort.find();
    String name = Path.of(service).getFileName().toString();
    Path log = directory.resolve(name + "-" + port + ".log");
    List<String> command = new ArrayList<>(ServiceProgram.command(service));
    command.addAll(command.indexOf("-jar"), jvm);
    command.addAll(command.indexOf("-jar"), JVM);
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> all = new HashMap<>(environment);
    all.put("SERVER_PORT", Integer.toString(port));
    builder.environment().putAll(all);
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile()));
    return new ServiceProcess(service, port, log, builder);
  }

  private static Process launch(ProcessBuilder command) {
    try {
      Process process = command.start();
      STARTED.removeIf(ended -> !ended.isAlive());
      STARTED.add(process);
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the service that has ended, without waiting for it. */
  public void startAgain() {
    if (process.isAlive()) {
      throw new IllegalStateException(service + " still runs; terminate() or kill() it first");
    }
    process = launch(command);
  }

  public ServiceProcess awaitReady() {
    try {
      await(service + " is ready")
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(100))
          .failFast(service + " ended", () -> !process.isAlive())
          .until(this::isReady);
      return this;
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(service + " did not become ready:\n" + tail(), e);
    }
  }

  /** Whether the readiness probe answers 200. */
  public boolean isReady() throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url() + "/actuator/health/readiness"))
              .timeout(Duration.ofSeconds(5))
              .build();
      return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  public long pid() {
    return process.pid();
  }

  /** SIGTERM, and waits until the process has ended. */
  public void terminate() {
    process.destroy();
    awaitEnd();
  }

  /** SIGKILL, and waits until the process has ended. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Waits until the process has ended by itself, and gives its exit status. */
  int awaitExit() {
    awaitEnd();
    return process.exitValue();
  }

  /** SIGSTOP: it keeps its connections and answers nothing. */
  public void pause() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  private void signal(String name) {
    try {
      int status = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("no SIG%s to %s: it has ended".formatted(name, service));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(90, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(service + " did not end within 90 s:\n" + tail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Where everything is that it has printed. */
  Path log() {
    return log;
  }

  /** What the service printed last. */
  public String tail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      terminate();
    }
  }
}

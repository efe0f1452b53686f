package io.aiopslab.tasks.system;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How a service is started here: as {@code make up} does it, with its options, and with an archive
 * of its classes, which saves about 40 % of the processor time of each of the many starts.
 */
final class ServiceProgram {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Path PROGRAMS = Path.of("target/programs").toAbsolutePath();
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin");
  private static final Map<String, List<String>> COMMANDS = new ConcurrentHashMap<>();

  private ServiceProgram() {}

  /**
   * The command, to which arguments may be added before {@code -jar}.
   *
   * @param service the module's directory, from the root
   */
  static List<String> command(String service) {
    return COMMANDS.computeIfAbsent(service, ServiceProgram::prepare);
  }

  private static List<String> prepare(String service) {
    Path module = ROOT.resolve(service);
    Path jar = module.resolve("target").resolve(module.getFileName() + "-exec.jar");
    if (!Files.isReadable(jar)) {
      throw new IllegalStateException("no " + jar + ": build it first (make build)");
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            "python3", "-B", "-m", "local_run.program", jar.toString(), PROGRAMS.toString());
    builder.environment().put("PYTHONPATH", ROOT.resolve("infra/local").toString());
    builder
        .environment()
        .compute("PATH", (name, path) -> JAVA + (path == null ? "" : File.pathSeparator + path));
    builder.redirectError(Redirect.INHERIT);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("local_run.program could not prepare " + jar);
      }
      List<String> command = new ArrayList<>(said.lines().toList());
      command.set(0, JAVA.resolve("java").toString());
      return List.copyOf(command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while preparing " + jar, e);
    }
  }
}

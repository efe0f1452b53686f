package io.aiopslab.tasks.worker.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Runs kind, kubectl and docker: found on the worker's PATH, without a shell, and with nothing of
 * the worker's environment but what they need to find the container engine.
 */
@Component
final class RunTool {
  private static final int MOST_OUTPUT_BYTES = 4 * 1024 * 1024;
  private static final int MOST_ERROR_BYTES = 4 * 1024;
  private static final List<String> PASSED =
      List.of("PATH", "HOME", "DOCKER_HOST", "KIND_EXPERIMENTAL_PROVIDER");

  private final Map<String, String> environment = new LinkedHashMap<>();

  RunTool(Environment environment) {
    for (String name : PASSED) {
      String value = environment.getProperty(name);
      if (value != null) {
        this.environment.put(name, value);
      }
    }
  }

  /**
   * @param kubeconfig the only one it sees; its directory is the working directory
   * @param limit after which the tool and all that it started are killed
   * @return what it wrote to standard output
   * @throws ClusterUnusableException if there is no such tool
   * @throws InterruptedException after the tool has been killed
   */
  String run(PrivateKubeconfig kubeconfig, Duration limit, String tool, List<String> arguments)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(find(tool).toString()));
    command.addAll(arguments);
    Process process = start(tool, command, kubeconfig);
    try {
      Drain output = Drain.keepingBeginning(process.getInputStream(), MOST_OUTPUT_BYTES);
      Drain errors = Drain.keepingEnd(process.getErrorStream(), MOST_ERROR_BYTES);
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw ToolFailedException.timeOut("%s did not end within %s".formatted(tool, words(limit)));
      }
      if (process.exitValue() != 0) {
        throw ToolFailedException.because(
            "%s ended with status %d: %s"
                .formatted(tool, process.exitValue(), LastLines.of(errors.text())));
      }
      String text = output.text();
      if (output.isCut()) {
        throw ToolFailedException.because(
            "%s wrote more than %d bytes".formatted(tool, MOST_OUTPUT_BYTES));
      }
      return text;
    } finally {
      kill(process);
    }
  }

  private Process start(String tool, List<String> command, PrivateKubeconfig kubeconfig)
      throws ToolFailedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(kubeconfig.directory().toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put("KUBECONFIG", kubeconfig.file().toString());
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw ToolFailedException.because(
          "%s could not be started (%s)".formatted(tool, e.getMessage()));
    }
  }

  private Path find(String tool) throws ClusterUnusableException {
    String path = environment.getOrDefault("PATH", "");
    for (String directory : path.split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory.isEmpty() ? "." : directory, tool).toAbsolutePath();
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw new ClusterUnusableException(
        "there is no program '%s' on the PATH of the worker; install it on this host, or set kind.managed to false for this cluster"
            .formatted(tool));
  }

  /** The tree is read first: children of a process that is gone belong to nobody. */
  private static void kill(Process process) throws InterruptedException {
    if (!process.isAlive()) {
      return;
    }
    List<ProcessHandle> tree = process.descendants().toList();
    process.destroyForcibly();
    tree.forEach(ProcessHandle::destroyForcibly);
    process.waitFor(5, TimeUnit.SECONDS);
  }

  private static String words(Duration limit) {
    return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + "s" : limit.toMillis() + "ms";
  }
}

package io.aiopslab.tasks.system;

import io.aiopslab.tasks.message.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A worker host with Kubernetes clusters that somebody else has made, and a checkout of AIOpsLab:
 * named by {@code AIOPSLAB_TEST_KUBECONFIGS}, {@code AIOPSLAB_TEST_HOME} and {@code
 * AIOPSLAB_TEST_PYTHON}. What it stands in for is said in {@code infra/tests/kubernetes_host}.
 */
final class KindHost implements AutoCloseable {
  private static final Path PROGRAMS =
      Path.of("../tests/kubernetes_host").toAbsolutePath().normalize();
  private static final String CONTEXT = "kind-";

  private final Path bin;
  private final Path directory;
  private final Map<String, String> kubeconfigs = new LinkedHashMap<>();
  private final List<Process> provisioners = new ArrayList<>();

  KindHost(Path directory) throws IOException, InterruptedException {
    this.directory = directory;
    this.bin = Files.createDirectories(directory.resolve("bin"));
    for (String file : kubeconfigs()) {
      String context = output("kubectl", "--kubeconfig", file, "config", "current-context");
      kubeconfigs.put(context.strip().replaceFirst("^" + CONTEXT, ""), file);
    }
    Files.writeString(bin.resolve("clusters.json"), Json.mapper().writeValueAsString(kubeconfigs));
    for (String tool : List.of("kind", "kubectl")) {
      Files.createSymbolicLink(bin.resolve(tool), PROGRAMS.resolve("tools.py"));
    }
    if (!areContainers()) {
      Files.createSymbolicLink(bin.resolve("docker"), PROGRAMS.resolve("tools.py"));
    }
    for (String file : kubeconfigs.values()) {
      String program = PROGRAMS.resolve("provision_volumes.py").toString();
      provisioners.add(
          new ProcessBuilder("python3", program, file)
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(directory.resolve("volumes.log").toFile()))
              .start());
    }
  }

  /** What stands in {@code AIOPSLAB_TEST_KUBECONFIGS}, which is none where it is not set. */
  static List<String> kubeconfigs() {
    return Stream.of(System.getenv().getOrDefault("AIOPSLAB_TEST_KUBECONFIGS", "").split(":"))
        .filter(file -> !file.isBlank())
        .toList();
  }

  String[] clusters() {
    return kubeconfigs.keySet().toArray(String[]::new);
  }

  /** What a worker's process needs for a slot on each cluster. */
  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("PATH", bin + File.pathSeparator + System.getenv("PATH"));
    settings.put("AIOPSLAB_WORKER_PASSENVIRONMENT", "TIKTOKEN_CACHE_DIR");
    for (int i = 0; i < kubeconfigs.size(); i++) {
      String prefix = "AIOPSLAB_WORKER_CLUSTERS_" + i + "_";
      settings.put(prefix + "ENVIRONMENT", "aiopslab");
      settings.put(prefix + "AIOPSLABHOME", System.getenv("AIOPSLAB_TEST_HOME"));
      settings.put(
          prefix + "PYTHON", System.getenv().getOrDefault("AIOPSLAB_TEST_PYTHON", "python3"));
    }
    return settings;
  }

  /** What kubectl says of a cluster. */
  String kubectl(String cluster, String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfigs.get(cluster)));
    command.addAll(List.of(words));
    return output(command.toArray(String[]::new));
  }

  /** Everything that happens to the objects of a kind, in all namespaces, as JSON. */
  Process watch(String cluster, String kind) throws IOException {
    return new ProcessBuilder(
            "kubectl",
            "--kubeconfig",
            kubeconfigs.get(cluster),
            "get",
            kind,
            "--all-namespaces",
            "--watch",
            "--output-watch-events",
            "--output=json")
        .redirectError(directory.resolve("watch.log").toFile())
        .start();
  }

  private boolean areContainers() throws IOException, InterruptedException {
    for (String cluster : kubeconfigs.keySet()) {
      try {
        output("docker", "inspect", cluster + "-control-plane");
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + text);
    }
    return text;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (Process provisioner : provisioners) {
      provisioner.getOutputStream().close();
      if (!provisioner.waitFor(30, TimeUnit.SECONDS)) {
        provisioner.destroyForcibly();
      }
    }
  }
}

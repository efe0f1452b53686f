package io.aiopslab.tasks.system;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A worker host without Docker: {@code kind}, {@code kubectl}, {@code helm} and {@code docker} act
 * as if and record every call, and AIOpsLab is a stand-in with the same surface.
 */
final class StandInHost {
  private static final Path WORKER = Path.of("../../task-worker").toAbsolutePath().normalize();
  private static final Path TOOL = WORKER.resolve("src/test/resources/kind/stand_in.py");
  private static final Path AIOPSLAB = WORKER.resolve("src/test/python/stand_in");

  private final Path root;

  StandInHost(Path root) throws IOException {
    this.root = root;
    Path bin = Files.createDirectories(root.resolve("bin"));
    for (String tool : List.of("kind", "kubectl", "helm", "docker")) {
      Files.createSymbolicLink(bin.resolve(tool), TOOL);
    }
  }

  /** What a worker's process needs for slots of these names, whose clusters it creates itself. */
  Map<String, String> settings(String... clusters) {
    Map<String, String> settings = new HashMap<>();
    settings.put("PATH", root.resolve("bin") + ":" + System.getenv("PATH"));
    settings.put("AIOPSLAB_WORKER_SCRATCHDIRECTORY", root.resolve("scratch").toString());
    settings.put("PYTHONDONTWRITEBYTECODE", "1");
    settings.put("AIOPSLAB_WORKER_PASSENVIRONMENT", "PYTHONDONTWRITEBYTECODE");
    for (int i = 0; i < clusters.length; i++) {
      String prefix = "AIOPSLAB_WORKER_CLUSTERS_" + i + "_";
      settings.put(prefix + "ENVIRONMENT", "aiopslab");
      settings.put(prefix + "AIOPSLABHOME", AIOPSLAB.toString());
      settings.put(prefix + "KIND_CREATE", "true");
      settings.put(prefix + "KIND_CHECKINTERVAL", "500ms");
    }
    return settings;
  }

  /** From here on the cluster's API server answers, or refuses. */
  void setApi(String cluster, String mode) throws IOException {
    Files.writeString(root.resolve("state/clusters").resolve(cluster).resolve("api"), mode);
  }

  List<JsonNode> calls() throws IOException {
    return Files.readAllLines(root.resolve("state/record.jsonl")).stream()
        .map(Json.mapper()::readTree)
        .toList();
  }
}

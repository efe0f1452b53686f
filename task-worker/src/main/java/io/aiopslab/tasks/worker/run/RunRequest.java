package io.aiopslab.tasks.worker.run;

import static java.util.stream.Collectors.toMap;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.ModelKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one line that the runner reads before it starts.
 *
 * @param aiopslabHome where {@code import aiopslab} works; left out in other environments
 * @param passedVariables names of those that the operator passes to every run: they may stay in the
 *     runner's environment although they hold a key
 * @param modelKeys names of the variables that hold keys, and where each may be sent
 */
record RunRequest(
    int v,
    String type,
    UUID taskId,
    UUID sessionId,
    String problemId,
    String environment,
    String cluster,
    @Nullable String aiopslabHome,
    ObjectNode agentConfig,
    int maxSteps,
    long timeoutSeconds,
    Map<String, String> modelKeys,
    List<String> passedVariables) {

  static RunRequest of(
      Task task,
      Task.Run run,
      ClusterSettings cluster,
      Duration timeout,
      List<ModelKey> modelKeys,
      List<String> passedVariables) {
    return new RunRequest(
        1,
        "run",
        task.id(),
        run.sessionId(),
        task.spec().problemId(),
        cluster.environment(),
        cluster.name(),
        aiopslabHome(cluster),
        task.spec().agentConfig(),
        task.spec().maxSteps(),
        Math.max(1, timeout.toSeconds()),
        modelKeys.stream().collect(toMap(ModelKey::variable, ModelKey::baseUrl, (a, b) -> b)),
        passedVariables);
  }

  private static @Nullable String aiopslabHome(ClusterSettings cluster) {
    Path home = cluster.aiopslabHome();
    boolean used = cluster.environment().equals(ClusterSettings.AIOPSLAB);
    return home == null || !used ? null : home.toAbsolutePath().toString();
  }

  byte[] toBytes() {
    return Json.mapper().writeValueAsBytes(this);
  }
}

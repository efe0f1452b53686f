package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.time.Duration;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** The one line that the runner reads before it starts. */
record RunRequest(
    int v,
    String type,
    UUID taskId,
    UUID sessionId,
    String problemId,
    String environment,
    String cluster,
    ObjectNode agentConfig,
    int maxSteps,
    long timeoutSeconds) {

  static RunRequest of(Task task, Task.Run run, ClusterSettings cluster, Duration timeout) {
    return new RunRequest(
        1,
        "run",
        task.id(),
        run.sessionId(),
        task.spec().problemId(),
        cluster.environment(),
        cluster.name(),
        task.spec().agentConfig(),
        task.spec().maxSteps(),
        Math.max(1, timeout.toSeconds()));
  }

  byte[] toBytes() {
    return Json.mapper().writeValueAsBytes(this);
  }
}

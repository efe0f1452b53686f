package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What is started for a run. Nothing that a trainer submitted is part of it, and nothing of the
 * worker's environment but the names that settings allow.
 */
@Component
final class RunnerCommand {
  private final WorkerSettings settings;
  private final RunnerFiles files;

  RunnerCommand(WorkerSettings settings, RunnerFiles files) {
    this.settings = settings;
    this.files = files;
  }

  List<String> command(ClusterSettings cluster) {
    List<String> runner =
        cluster.runnerCommand().isEmpty()
            ? List.of(cluster.python(), "-m", "aiopslab_runner")
            : cluster.runnerCommand();
    return files.supervised(cluster.python(), settings.killGrace(cluster).toMillis(), runner);
  }

  /**
   * @param kubeconfig the only one that the run sees; null where its cluster is not managed
   */
  Map<String, String> environment(
      ClusterSettings cluster, Task task, Task.Run run, Path scratch, @Nullable Path kubeconfig) {
    Map<String, String> environment = new LinkedHashMap<>();
    Stream.concat(settings.environment().stream(), settings.passEnvironment().stream())
        .forEach(
            name -> {
              String value = System.getenv(name);
              if (value != null) {
                environment.put(name, value);
              }
            });
    environment.put("HOME", scratch.toString());
    environment.put("TMPDIR", scratch.toString());
    environment.put("PYTHONPATH", files.pythonPath().toString());
    // What a run writes into its directory must not be imported instead of the runner.
    environment.put("PYTHONSAFEPATH", "1");
    environment.put("PYTHONUTF8", "1");
    environment.put("AIOPSLAB_TASK_ID", task.id().toString());
    environment.put("AIOPSLAB_SESSION_ID", run.sessionId().toString());
    environment.put("AIOPSLAB_CLUSTER", cluster.name());
    if (kubeconfig != null) {
      environment.put("KUBECONFIG", kubeconfig.toString());
    }
    return environment;
  }
}

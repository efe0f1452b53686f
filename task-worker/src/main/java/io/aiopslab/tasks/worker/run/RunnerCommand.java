package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** What is started for a run. Nothing that a trainer submitted is part of it. */
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

  Map<String, String> variables() {
    return Map.of(
        "PYTHONPATH",
        files.pythonPath().toString(),
        // What a run writes into its directory must not be imported instead of the runner.
        "PYTHONSAFEPATH",
        "1");
  }
}

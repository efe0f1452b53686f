package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.report.RunReport;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.ModelKey;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** The runner, for the environments that it drives: {@code docs/runner-protocol.md}. */
@Component
final class RunnerProgram implements Program {
  private final WorkerSettings settings;
  private final RunnerFiles files;
  private final Environment environment;
  private final Clock clock;

  RunnerProgram(WorkerSettings settings, RunnerFiles files, Environment environment, Clock clock) {
    this.settings = settings;
    this.files = files;
    this.environment = environment;
    this.clock = clock;
  }

  @Override
  public Set<String> environments() {
    return Set.of(ClusterSettings.SIMULATOR, ClusterSettings.AIOPSLAB);
  }

  @Override
  public List<String> command(ClusterSettings cluster) throws IOException {
    List<String> runner =
        cluster.runnerCommand().isEmpty()
            ? List.of(cluster.python(), "-m", "aiopslab_runner")
            : cluster.runnerCommand();
    return files.supervised(cluster.python(), settings.killGrace(cluster), List.of(), runner);
  }

  @Override
  public Map<String, String> variables(
      ClusterSettings cluster, RunRequest request, RunDirectory directory) throws IOException {
    Map<String, String> variables = new HashMap<>();
    variables.put("PYTHONPATH", files.pythonPath().toString());
    // What a run writes into its directory must not be imported instead of the runner.
    variables.put("PYTHONSAFEPATH", "1");
    String vllm = settings.vllmBaseUrl();
    if (vllm != null) {
      variables.put("AIOPSLAB_VLLM_BASE_URL", vllm);
    }
    for (ModelKey key : settings.modelKeys()) {
      // Of the environment, or of a file that Spring reads (configtree).
      String value = environment.getProperty(key.variable());
      if (value != null) {
        variables.put(key.variable(), value);
      }
    }
    return variables;
  }

  @Override
  public Talk listen(
      RunReport report, @Nullable Conversation conversation, Consumer<LastWord> onLastWord) {
    return new RunnerTalk(
        report, clock, (int) settings.maxLogLine().toBytes(), conversation, onLastWord);
  }
}

package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.worker.report.RunReport;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.json.JsonWriteFeature;

/** Whatever an operator has configured; it knows nothing of the runner's protocol. */
@Component
final class CommandProgram implements Program {
  /** Linux fails to start a program with a variable of 128 KiB; standard input has it anyway. */
  private static final int MOST_CONFIG_BYTES = 100 * 1024;

  private final WorkerSettings settings;
  private final RunnerFiles files;
  private final Clock clock;

  CommandProgram(WorkerSettings settings, RunnerFiles files, Clock clock) {
    this.settings = settings;
    this.files = files;
    this.clock = clock;
  }

  @Override
  public Set<String> environments() {
    return Set.of(ClusterSettings.COMMAND);
  }

  @Override
  public List<String> command(ClusterSettings cluster) throws IOException {
    return files.supervised(
        cluster.python(), settings.killGrace(cluster), List.of("--close-stdin"), cluster.command());
  }

  @Override
  public Map<String, String> variables(
      ClusterSettings cluster, RunRequest request, RunDirectory directory) {
    Map<String, String> variables = new LinkedHashMap<>();
    Path home = cluster.aiopslabHome();
    if (home != null) {
      variables.put("PYTHONPATH", home.toAbsolutePath().toString());
    }
    variables.put("AIOPSLAB_PROBLEM_ID", request.problemId());
    variables.put("AIOPSLAB_MAX_STEPS", Integer.toString(request.maxSteps()));
    variables.put("AIOPSLAB_TIMEOUT_SECONDS", Long.toString(request.timeoutSeconds()));
    variables.put("AIOPSLAB_ENVIRONMENT", request.environment());
    variables.put("AIOPSLAB_RESULT_FILE", ResultFile.in(directory).toString());
    String config = ascii(request);
    if (config.length() <= MOST_CONFIG_BYTES) {
      variables.put("AIOPSLAB_AGENT_CONFIG", config);
    }
    return variables;
  }

  /** Escaped, because Java writes variables in the encoding of the worker's locale. */
  private static String ascii(RunRequest request) {
    return Json.mapper()
        .writer()
        .with(JsonWriteFeature.ESCAPE_NON_ASCII)
        .writeValueAsString(request.agentConfig());
  }

  @Override
  public Talk listen(
      RunReport report, @Nullable Conversation conversation, Consumer<LastWord> onLastWord) {
    report.say(new RunEventBody.PhaseEntered(Phase.RUNNING));
    RawLog log = new RawLog(report, clock, (int) settings.maxLogLine().toBytes());
    return new CommandTalk(report, log, clock);
  }
}

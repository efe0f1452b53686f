package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.task.TraceParent;
import io.aiopslab.tasks.trace.TaskTraces;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * The environment that every run gets: nothing of the worker's but the names that settings allow,
 * its own directories instead of the operator's, and the trace that its own requests can continue.
 */
@Component
final class RunVariables {
  /** Holds the session id, in every process of a run. */
  static final String SESSION = "AIOPSLAB_SESSION_ID";

  private static final String PATH_WITHOUT_ONE = "/usr/local/bin:/usr/bin:/bin";

  /** Unset they follow HOME. */
  private static final List<String> FOLLOW_HOME =
      List.of("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME");

  private final WorkerSettings settings;
  private final TaskTraces traces;

  RunVariables(WorkerSettings settings, TaskTraces traces) {
    this.settings = settings;
    this.traces = traces;
  }

  Map<String, String> of(RunRequest request, RunDirectory directory) {
    Map<String, String> variables = inherited();
    FOLLOW_HOME.forEach(variables::remove);
    variables.put("PATH", directory.bin() + ":" + variables.getOrDefault("PATH", PATH_WITHOUT_ONE));
    variables.put("HOME", directory.home().toString());
    // Even where there is no such file: without the variable, a run would find the operator's.
    variables.put("KUBECONFIG", directory.kubeconfig().toString());
    for (String name : List.of("TMPDIR", "TMP", "TEMP")) {
      variables.put(name, directory.tmp().toString());
    }
    variables.put("PYTHONUTF8", "1");
    variables.put("PYTHONUNBUFFERED", "1");
    variables.put("AIOPSLAB_TASK_ID", request.taskId().toString());
    variables.put(SESSION, request.sessionId().toString());
    variables.put("AIOPSLAB_CLUSTER", request.cluster());
    TraceParent trace = traces.current();
    if (trace != null) {
      variables.put(TraceParent.VARIABLE, trace.header());
    }
    return variables;
  }

  /** What settings let a run have of the worker's own. */
  Map<String, String> inherited() {
    Map<String, String> inherited = new LinkedHashMap<>();
    Stream.concat(settings.environment().stream(), settings.passEnvironment().stream())
        .forEach(
            name -> {
              String value = System.getenv(name);
              if (value != null) {
                inherited.put(name, value);
              }
            });
    return inherited;
  }
}

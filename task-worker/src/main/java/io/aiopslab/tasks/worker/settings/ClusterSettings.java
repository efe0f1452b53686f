package io.aiopslab.tasks.worker.settings;

import io.aiopslab.tasks.task.TaskSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One Kind cluster, which is one slot and one registered worker.
 *
 * @param name name of the Kind cluster and id of the worker: a DNS-1123 label, unique everywhere
 * @param backendType which tasks it takes; {@code default} unless set
 * @param environment what the runner drives; {@code simulator} is the only one so far
 * @param python the Python 3.9+ that runs the runner; the one on the PATH unless set
 * @param runnerCommand runs this instead of the runner, as a program and its arguments
 * @param supportedProblems ids of problems it can run, shown to trainers; all where empty
 */
public record ClusterSettings(
    String name,
    String backendType,
    String environment,
    String python,
    List<String> runnerCommand,
    List<String> supportedProblems) {
  private static final String SIMULATOR = "simulator";

  @SuppressWarnings("NullAway") // the binder passes null for what is not set
  public ClusterSettings(
      @Nullable String name,
      @Nullable String backendType,
      @Nullable String environment,
      @Nullable String python,
      @Nullable List<String> runnerCommand,
      @Nullable List<String> supportedProblems) {
    this.name = label("name", name == null ? "" : name);
    this.backendType = label("backend-type", orElse(backendType, TaskSpec.DEFAULT_BACKEND_TYPE));
    this.environment = orElse(environment, SIMULATOR);
    this.python = orElse(python, "python3");
    this.runnerCommand = runnerCommand == null ? List.of() : List.copyOf(runnerCommand);
    this.supportedProblems = supportedProblems == null ? List.of() : List.copyOf(supportedProblems);
    if (!this.environment.equals(SIMULATOR)) {
      throw new IllegalArgumentException(
          "aiopslab.worker.clusters: environment '%s' of cluster '%s' is not there yet; set it to simulator"
              .formatted(this.environment, this.name));
    }
  }

  private static String orElse(@Nullable String value, String fallback) {
    return value == null || value.isBlank() ? fallback : value;
  }

  private static String label(String key, String value) {
    if (!value.matches(TaskSpec.LABEL_PATTERN)) {
      throw new IllegalArgumentException(
          "aiopslab.worker.clusters: %s '%s' is not a DNS-1123 label; use 1 to 63 of a-z, 0-9 and '-'"
              .formatted(key, value));
    }
    return value;
  }
}

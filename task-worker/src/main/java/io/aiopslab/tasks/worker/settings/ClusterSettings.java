package io.aiopslab.tasks.worker.settings;

import io.aiopslab.tasks.task.TaskSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One Kind cluster, which is one slot and one registered worker.
 *
 * @param name name of the Kind cluster and id of the worker: a DNS-1123 label, unique everywhere
 * @param backendType which tasks it takes; {@code default} unless set
 * @param environment what a run drives: {@code simulator} unless set, {@code aiopslab} or {@code
 *     command}
 * @param python the Python that runs the runner, 3.9 or newer; with {@code aiopslab} the one that
 *     AIOpsLab is installed for; the one on the PATH unless set
 * @param aiopslabHome a checkout of AIOpsLab, where {@code import aiopslab} works; needed by {@code
 *     aiopslab}, and the PYTHONPATH of {@code command} where it is set
 * @param command what {@code command} runs: a program and its arguments, no shell
 * @param runnerCommand runs this instead of the runner, as a program and its arguments
 * @param supportedProblems ids of problems it can run, shown to trainers; all where empty
 * @param killGrace what a run gets from SIGTERM to SIGKILL, to recover the fault it injected;
 *     {@code aiopslab.worker.kill-grace} unless set, but 2m with {@code aiopslab}: an injection
 *     that has begun comes to its end (36s at most for most problems), and a recovery upgrades a
 *     helm release (about 10s) and waits for two pods to be deleted (30s each)
 * @param kind how the Kind cluster is treated
 */
public record ClusterSettings(
    String name,
    String backendType,
    String environment,
    String python,
    @Nullable Path aiopslabHome,
    List<String> command,
    List<String> runnerCommand,
    List<String> supportedProblems,
    @Nullable Duration killGrace,
    @DefaultValue KindSettings kind) {
  public static final String SIMULATOR = "simulator";
  public static final String AIOPSLAB = "aiopslab";
  public static final String COMMAND = "command";

  private static final List<String> ENVIRONMENTS = List.of(SIMULATOR, AIOPSLAB, COMMAND);
  private static final Duration KILL_GRACE_OF_AIOPSLAB = Duration.ofMinutes(2);

  @SuppressWarnings("NullAway") // the binder passes null for what is not set
  public ClusterSettings(
      @Nullable String name,
      @Nullable String backendType,
      @Nullable String environment,
      @Nullable String python,
      @Nullable Path aiopslabHome,
      @Nullable List<String> command,
      @Nullable List<String> runnerCommand,
      @Nullable List<String> supportedProblems,
      @Nullable Duration killGrace,
      @DefaultValue KindSettings kind) {
    this.name = label("name", name == null ? "" : name);
    this.backendType = label("backend-type", orElse(backendType, TaskSpec.DEFAULT_BACKEND_TYPE));
    this.environment = orElse(environment, SIMULATOR);
    this.python = orElse(python, "python3");
    this.aiopslabHome = aiopslabHome;
    this.command = copy(command);
    this.runnerCommand = copy(runnerCommand);
    this.supportedProblems = copy(supportedProblems);
    boolean real = this.environment.equals(AIOPSLAB);
    this.killGrace = killGrace == null && real ? KILL_GRACE_OF_AIOPSLAB : killGrace;
    this.kind = kind;
    require(
        ENVIRONMENTS.contains(this.environment),
        "environment '%s' is not known; set it to one of %s"
            .formatted(this.environment, String.join(", ", ENVIRONMENTS)));
    require(
        !real || aiopslabHome != null,
        "environment aiopslab needs aiopslab-home; set it to a checkout of AIOpsLab");
    require(
        this.environment.equals(COMMAND) != this.command.isEmpty(),
        "environment command and the key command go together; set both or none");
  }

  /** Whether the worker checks, cleans and possibly creates the Kind cluster. */
  public boolean managesKind() {
    Boolean managed = kind.managed();
    return managed == null ? environment.equals(AIOPSLAB) : managed;
  }

  /** Whether a run here hears actions while it runs: a command knows no protocol. */
  public boolean isSteppable() {
    return !environment.equals(COMMAND);
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(
          "aiopslab.worker.clusters: cluster '" + name + "': " + otherwise);
    }
  }

  private static String orElse(@Nullable String value, String fallback) {
    return value == null || value.isBlank() ? fallback : value;
  }

  private static List<String> copy(@Nullable List<String> values) {
    return values == null ? List.of() : List.copyOf(values);
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

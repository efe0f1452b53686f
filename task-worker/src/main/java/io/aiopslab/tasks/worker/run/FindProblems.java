package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks the runner which problems a slot can play, once for all slots that are alike: the
 * simulator's own, or those of an AIOpsLab checkout.
 */
@Component
public class FindProblems {
  private static final Logger log = LoggerFactory.getLogger(FindProblems.class);
  private static final String MODULE = "aiopslab_runner.list_problems";

  /** AIOpsLab and its libraries are read from disk, in 3 s on a quick host. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final int MOST_WORDS = 500;

  private final RunnerFiles files;
  private final RunVariables variables;
  private final ScratchDirectories scratch;
  private final RunUser user;
  private final Map<List<String>, ObjectNode> found = new HashMap<>();

  FindProblems(
      RunnerFiles files, RunVariables variables, ScratchDirectories scratch, RunUser user) {
    this.files = files;
    this.variables = variables;
    this.scratch = scratch;
    this.user = user;
  }

  /**
   * @return {@code problems} and {@code unsupported}, as {@code list_problems.py} says; null where
   *     nobody can tell, and the reason is in the log
   */
  public synchronized @Nullable ObjectNode of(ClusterSettings cluster) throws InterruptedException {
    List<String> command = command(cluster);
    if (command.isEmpty()) {
      return null;
    }
    ObjectNode known = found.get(command);
    if (known == null) {
      known = ask(cluster, command);
      if (known != null) {
        found.put(command, known);
      }
    }
    return known;
  }

  /** Empty where something else than this worker's runner plays. */
  private static List<String> command(ClusterSettings cluster) {
    if (!cluster.runnerCommand().isEmpty()) {
      return List.of();
    }
    List<String> command = new ArrayList<>(List.of(cluster.python(), "-m", MODULE));
    Path home = cluster.aiopslabHome();
    if (cluster.environment().equals(ClusterSettings.SIMULATOR)) {
      command.add(ClusterSettings.SIMULATOR);
    } else if (cluster.environment().equals(ClusterSettings.AIOPSLAB) && home != null) {
      command.addAll(List.of(ClusterSettings.AIOPSLAB, home.toAbsolutePath().toString()));
    } else {
      return List.of();
    }
    return command;
  }

  private @Nullable ObjectNode ask(ClusterSettings cluster, List<String> command)
      throws InterruptedException {
    try {
      Path directory = scratch.create("problems");
      try {
        return answer(cluster, command, directory);
      } finally {
        ScratchDirectories.delete(directory);
      }
    } catch (IOException | JacksonException e) {
      log.warn(
          "The problems that {} can play are not known ({}), so that a misspelt id is found only by"
              + " its run; look at python and aiopslab-home",
          cluster.name(),
          e.getMessage());
      return null;
    }
  }

  /** With the rights of a run, as it imports what a run imports. */
  private ObjectNode answer(ClusterSettings cluster, List<String> command, Path directory)
      throws IOException, InterruptedException {
    Path home = Files.createDirectory(directory.resolve("home"));
    user.give(directory);
    Path output = directory.resolve("output");
    Path errors = directory.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(files.supervised(cluster.python(), Duration.ZERO, List.of(), command))
            .directory(home.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    builder.environment().clear();
    builder.environment().putAll(variables.inherited());
    builder.environment().put("PYTHONPATH", files.pythonPath().toString());
    builder.environment().put("PYTHONUTF8", "1");
    Process process = builder.start();
    // Its standard input stays open: the supervisor takes the end of it for our death.
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("no answer within " + LIMIT.toSeconds() + "s");
      }
      if (process.exitValue() != 0) {
        String said = Files.readString(errors, StandardCharsets.UTF_8).strip();
        throw new IOException(said.substring(Math.max(0, said.length() - MOST_WORDS)));
      }
      return (ObjectNode) Json.mapper().readTree(Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
      process.getOutputStream().close();
    }
  }
}

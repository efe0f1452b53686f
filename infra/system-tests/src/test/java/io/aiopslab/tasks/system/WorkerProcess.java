package io.aiopslab.tasks.system;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** What the tests of worker faults do to a worker's process, and see of those below it. */
final class WorkerProcess {
  private WorkerProcess() {}

  /** Settings of a worker whose one slot runs a command of these tests. */
  static Map<String, String> command(String script, Object... arguments) {
    Map<String, String> settings = new HashMap<>();
    settings.put("AIOPSLAB_WORKER_CLUSTERS_0_ENVIRONMENT", "command");
    StringBuilder command = new StringBuilder("python3," + resource(script));
    Arrays.stream(arguments).forEach(argument -> command.append(',').append(argument));
    settings.put("AIOPSLAB_WORKER_CLUSTERS_0_COMMAND", command.toString());
    settings.put("AIOPSLAB_WORKER_KILLGRACE", "1s");
    return settings;
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(WorkerProcess.class.getResource("/" + name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static String task(String backend) {
    return "{\"problem_id\": \"misconfig_app_hotel_res-detection-1\", \"backend_type\": \"%s\"}"
        .formatted(backend);
  }

  static void signal(String name, Collection<Long> pids) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(List.of("kill", "-" + name));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    new ProcessBuilder(command).start().waitFor();
  }

  /** The pids that {@code family.py} has logged. */
  static List<Long> family(TaskClient client, String id) {
    return await("the command of " + id + " runs")
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                client.logs(id).stream()
                    .map(line -> line.path("message").asString())
                    .filter(line -> line.startsWith("pids "))
                    .flatMap(line -> Arrays.stream(line.substring(5).split(" ")).map(Long::valueOf))
                    .toList(),
            pids -> pids.size() == 3);
  }

  static void awaitGone(List<Long> pids) {
    await("processes " + pids + " are gone")
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> pids.stream().noneMatch(WorkerProcess::runs));
  }

  static boolean runs(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
    } catch (IOException e) {
      return false;
    }
  }

  /** Who moved a running task to its end. */
  static List<String> enders(RunningSystem system, String id) {
    return system
        .database()
        .sql(
            "SELECT changed_by FROM task_transitions"
                + " WHERE task_id = ?::uuid AND from_status = 'running'")
        .param(id)
        .query(String.class)
        .list();
  }

  static long count(RunningSystem system, String rows, String id) {
    return system
        .database()
        .sql("SELECT count(*) FROM " + rows + " AND task_id = ?::uuid")
        .param(id)
        .query(Long.class)
        .single();
  }

  static String last(List<JsonNode> lines) {
    return lines.get(lines.size() - 1).path("message").asString();
  }
}

package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What the programs themselves wrote down, see {@code chaos_run.py}.
 *
 * @param stops by session; a program that was killed has none
 */
record RunRecords(List<Start> starts, Map<String, Stop> stops) {

  /**
   * @param group the process group
   * @param at seconds of the machine's monotonic clock
   */
  record Start(String taskId, String sessionId, String cluster, long group, double at) {}

  /**
   * @param lines how many lines it printed
   * @param sha256 over their bytes
   * @param at seconds of the machine's monotonic clock
   */
  record Stop(long lines, String sha256, String why, double at) {}

  static RunRecords read(Path file) {
    List<Start> starts = new ArrayList<>();
    Map<String, Stop> stops = new HashMap<>();
    for (String line : lines(file)) {
      JsonNode fact = Json.mapper().readTree(line);
      String session = fact.path("session").asString();
      double at = fact.path("at").asDouble();
      if (fact.path("event").asString().equals("start")) {
        starts.add(
            new Start(
                fact.path("task").asString(),
                session,
                fact.path("cluster").asString(),
                fact.path("group").asLong(),
                at));
      } else {
        stops.put(
            session,
            new Stop(
                fact.path("lines").asLong(),
                fact.path("sha256").asString(),
                fact.path("why").asString(),
                at));
      }
    }
    return new RunRecords(List.copyOf(starts), Map.copyOf(stops));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

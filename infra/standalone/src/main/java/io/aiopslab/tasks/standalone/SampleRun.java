package io.aiopslab.tasks.standalone;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Submits one task over REST, as a trainer would, and shows a person what becomes of it. */
final class SampleRun {
  private static final Set<String> TERMINAL = Set.of("completed", "failed", "cancelled");

  private static final String TASK =
      """
      {"problem_id": "misconfig_app_hotel_res-detection-1",
       "agent_config": {"agent": "rule_based", "delay_ms": 150},
       "metadata": {"source": "make run"}}
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final String tasksUrl;
  private final PrintStream out;
  private long lastSeq = -1;

  SampleRun(String apiUrl, PrintStream out) {
    this.tasksUrl = apiUrl + "/api/v1/tasks";
    this.out = out;
  }

  void show() throws InterruptedException {
    try {
      JsonNode task =
          send(
              HttpRequest.newBuilder(URI.create(tasksUrl))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(TASK)));
      String id = task.path("id").asString();
      out.printf("%nA sample task: %s%n  %s%n", task.path("problem_id").asString(), id);
      follow(id);
    } catch (IOException e) {
      out.println("The sample task could not be shown: " + e.getMessage());
    }
  }

  private void follow(String id) throws IOException, InterruptedException {
    String shown = "";
    while (true) {
      JsonNode task = get("/" + id + "?wait=300ms");
      String now = describe(task);
      if (!now.equals(shown)) {
        out.println("  " + now);
        shown = now;
      }
      showNewLogs(id);
      if (TERMINAL.contains(task.path("status").asString())) {
        showResult(task);
        return;
      }
    }
  }

  private static String describe(JsonNode task) {
    String status = task.path("status").asString();
    JsonNode progress = task.path("progress");
    if (!status.equals("running") || !progress.isObject()) {
      return status;
    }
    return "running on %s: %s, step %d of %d"
        .formatted(
            task.path("worker_id").asString(),
            progress.path("phase").asString(),
            progress.path("steps").asInt(),
            progress.path("max_steps").asInt());
  }

  private void showNewLogs(String id) throws IOException, InterruptedException {
    for (JsonNode line : get("/" + id + "/logs?limit=200&after=" + lastSeq).path("logs")) {
      out.printf("    | %s%n", line.path("message").asString());
      lastSeq = line.path("seq").asLong();
    }
  }

  private void showResult(JsonNode task) {
    JsonNode result = task.path("result");
    if (!result.isObject()) {
      out.printf(
          "  %s: %s%n",
          task.path("failure_code").asString(), task.path("error_details").asString());
      return;
    }
    out.printf("  reward   %s%n", result.path("reward"));
    out.printf("  result   %s%n", result.path("output"));
    out.printf("  metrics  %s%n", result.path("metrics"));
    out.printf(
        "  kept     %d log lines, %d steps: %s/%s%n",
        result.path("log_lines").asLong(),
        result.path("steps").asInt(),
        tasksUrl,
        task.path("id").asString());
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(tasksUrl + path)));
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    JsonNode body = Json.mapper().readTree(response.body());
    if (response.statusCode() >= 400) {
      throw new IOException(body.path("error").asString(body.toString()));
    }
    return body;
  }
}

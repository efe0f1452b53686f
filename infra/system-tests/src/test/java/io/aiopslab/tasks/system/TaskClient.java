package io.aiopslab.tasks.system;

import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A trainer, as far as the service can see. */
final class TaskClient {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String tasks;
  private final String workers;

  TaskClient(String url) {
    this.tasks = url + "/api/v1/tasks";
    this.workers = url + "/api/v1/workers";
  }

  /**
   * @return id of the new task
   */
  String submit(String body) {
    HttpResponse<String> response = post(body);
    if (response.statusCode() != 201) {
      throw new AssertionError("submit answered " + response.statusCode() + ": " + response.body());
    }
    return Json.mapper().readTree(response.body()).path("id").asString();
  }

  HttpResponse<String> post(String body) {
    return send(
        HttpRequest.newBuilder(URI.create(tasks))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpResponse<String> cancel(String id, String reason) {
    return send(
        HttpRequest.newBuilder(URI.create(tasks + "/" + id + "/cancel"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"reason\": \"" + reason + "\"}")));
  }

  JsonNode task(String id) {
    return get("/" + id);
  }

  /** The result JSON that AIOpsLab itself wrote. */
  JsonNode aiopslabResult(String id) {
    return get("/" + id + "/aiopslab-result");
  }

  JsonNode worker(String id) {
    return read(URI.create(workers + "/" + id));
  }

  /** Waits until the task has ended. */
  JsonNode awaitEnd(String id, Duration atMost) {
    return await("task " + id + " has ended")
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> get("/" + id + "?wait=10s"), task -> !task.path("completed_at").isNull());
  }

  /** Waits until the task has the status. */
  JsonNode awaitStatus(String id, String status) {
    return await("task " + id + " is " + status)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> task(id), task -> task.path("status").asString().equals(status));
  }

  /** Every log line of a task, page by page. */
  List<JsonNode> logs(String id) {
    List<JsonNode> lines = new ArrayList<>();
    long after = -1;
    while (true) {
      JsonNode page = get("/" + id + "/logs?limit=1000&after=" + after).path("logs");
      if (page.isEmpty()) {
        return lines;
      }
      page.forEach(lines::add);
      after = lines.get(lines.size() - 1).path("seq").asLong();
    }
  }

  private JsonNode get(String path) {
    return read(URI.create(tasks + path));
  }

  private JsonNode read(URI uri) {
    HttpResponse<String> response = send(HttpRequest.newBuilder(uri));
    if (response.statusCode() != 200) {
      throw new AssertionError(uri + " answered " + response.statusCode() + ": " + response.body());
    }
    return Json.mapper().readTree(response.body());
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(
          request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

package io.aiopslab.tasks.system;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A trainer that acts itself, and sends again what was not answered, or refused for a while. */
final class SessionClient {
  static final String LOOK = "get_logs(\"test-hotel-reservation\", \"geo\")";

  private final HttpClient http = HttpClient.newHttpClient();
  private final Supplier<String> url;

  /**
   * @param url of an API that lives, asked anew for each call
   */
  SessionClient(Supplier<String> url) {
    this.url = url;
  }

  record Answer(int status, JsonNode body) {
    String text(String member) {
      return body.path(member).asString("");
    }
  }

  Answer open(String backend, String more) {
    return open("noop_detection_hotel_reservation-1", backend, more);
  }

  Answer open(String problem, String backend, String more) {
    return send(
        "POST",
        "/api/v1/sessions",
        """
        {"problem_id": "%s", "backend_type": "%s" %s}
        """
            .formatted(problem, backend, more));
  }

  Answer step(String id, int index, String action) {
    return step(id, index, action, "30s");
  }

  Answer step(String id, int index, String action, String timeout) {
    ObjectNode body =
        Json.mapper()
            .createObjectNode()
            .put("index", index)
            .put("action", action)
            .put("timeout", timeout);
    return send("POST", "/api/v1/sessions/" + id + "/steps", body.toString());
  }

  Answer get(String path) {
    return send("GET", "/api/v1/sessions/" + path, "");
  }

  Answer end(String id) {
    return send("DELETE", "/api/v1/sessions/" + id, "");
  }

  private Answer send(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url.get() + path))
            .timeout(Duration.ofSeconds(90))
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    for (int tries = 0; ; tries++) {
      try {
        var response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 503 || tries == 100) {
          return new Answer(response.statusCode(), Json.mapper().readTree(response.body()));
        }
        String wait = response.headers().firstValue("Retry-After").orElseThrow();
        TimeUnit.SECONDS.sleep(Long.parseLong(wait));
      } catch (IOException e) {
        if (tries == 100) {
          throw new AssertionError(method + " " + path + " is not answered", e);
        }
        request =
            HttpRequest.newBuilder(request, (name, value) -> true)
                .uri(URI.create(url.get() + path))
                .build();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}

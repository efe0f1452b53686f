package io.aiopslab.tasks.system;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/** Any call of the REST API, with what it answered. */
record HttpCalls(String url) {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  record Answer(int status, JsonNode body) {}

  Answer get(String path) {
    return send(HttpRequest.newBuilder(URI.create(url + path)));
  }

  Answer post(String path, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          HTTP.send(
              request.timeout(Duration.ofSeconds(60)).build(),
              HttpResponse.BodyHandlers.ofString());
      String body = response.body().isEmpty() ? "null" : response.body();
      return new Answer(response.statusCode(), Json.mapper().readTree(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Calls the APIs as a careful client does: what got no answer is asked again, of the next of them.
 */
final class Client {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long RETRY_MILLIS = 200;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final List<String> urls;
  private final Told told;
  private int turn;

  /**
   * @param turn which of them is asked first
   */
  Client(List<String> urls, int turn, Told told) {
    this.urls = urls;
    this.turn = turn;
    this.told = told;
  }

  record Answer(int status, JsonNode body) {}

  /** Until the service has said what became of it. */
  Answer submit(String path, String key, String body) throws InterruptedException {
    while (true) {
      Answer answer =
          ask(
              request(path)
                  .header("Content-Type", "application/json")
                  .header("Idempotency-Key", key)
                  .POST(BodyPublishers.ofString(body)),
              Set.of(200, 201));
      if (answer != null) {
        return answer;
      }
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    }
  }

  /** Once; null if the service could not tell. */
  @Nullable Answer look(String id, String wait) throws InterruptedException {
    return ask(request("/" + id + "?wait=" + wait).GET(), Set.of(200));
  }

  /** Once; null if the service could not tell. */
  @Nullable Answer cancel(String id) throws InterruptedException {
    return ask(
        request("/" + id + "/cancel")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"reason\": \"chaos\"}")),
        Set.of(200, 409));
  }

  private HttpRequest.Builder request(String path) {
    String url = urls.get(turn % urls.size());
    return HttpRequest.newBuilder(URI.create(url + "/api/v1/tasks" + path)).timeout(PATIENCE);
  }

  private @Nullable Answer ask(HttpRequest.Builder request, Set<Integer> expected)
      throws InterruptedException {
    HttpRequest built = request.build();
    HttpResponse<String> response;
    try {
      response = http.send(built, BodyHandlers.ofString());
    } catch (IOException e) {
      turn++;
      return null;
    }
    int status = response.statusCode();
    if (expected.contains(status)) {
      return new Answer(status, Json.mapper().readTree(response.body()));
    }
    boolean later = status == 429 || status == 503;
    if (!later || response.headers().firstValue("Retry-After").isEmpty()) {
      told.contradicted(
          "%s %s was answered with %d: %s"
              .formatted(built.method(), built.uri(), status, response.body()));
    }
    turn++;
    return null;
  }
}

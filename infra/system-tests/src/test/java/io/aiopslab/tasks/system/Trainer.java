package io.aiopslab.tasks.system;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** One of many clients: submits, lists, waits and cancels at random until its time is over. */
final class Trainer implements Callable<List<String>> {
  /** What a client must be ready for, by what it does. */
  private static final Map<String, Set<Integer>> DOCUMENTED =
      Map.of(
          "submit", Set.of(201, 429, 503),
          "list", Set.of(200, 429, 503),
          "wait", Set.of(200, 429, 503),
          "cancel", Set.of(200, 409, 429, 503));

  private final HttpClient http;
  private final String tasks;
  private final Random random;
  private final long endNanos;
  private final ConcurrentHashMap<String, LongAdder> counts;
  private final List<String> ids = new ArrayList<>();

  Trainer(
      HttpClient http,
      String url,
      long seed,
      Duration time,
      ConcurrentHashMap<String, LongAdder> counts) {
    this.http = http;
    this.tasks = url + "/api/v1/tasks";
    this.random = new Random(seed);
    this.endNanos = System.nanoTime() + time.toNanos();
    this.counts = counts;
  }

  /**
   * @return ids of the tasks that were acknowledged
   * @throws AssertionError at the first answer that is not documented
   */
  @Override
  public List<String> call() throws Exception {
    while (System.nanoTime() < endNanos) {
      int dice = random.nextInt(10);
      if (dice < 4 || ids.isEmpty()) {
        submit();
      } else if (dice < 6) {
        ask("list", HttpRequest.newBuilder(URI.create(tasks + "?limit=20&status=pending")));
      } else if (dice < 8) {
        ask("wait", HttpRequest.newBuilder(URI.create(tasks + "/" + anyId() + "?wait=1s")));
      } else {
        ask("cancel", HttpRequest.newBuilder(URI.create(tasks + "/" + anyId())).DELETE());
      }
    }
    return ids;
  }

  private String anyId() {
    return ids.get(random.nextInt(ids.size()));
  }

  private void submit() throws IOException, InterruptedException {
    String body =
        """
        {"problem_id": "noop_detection_hotel_reservation-1", "backend_type": "many",
         "agent_config": {"agent": "scripted", "actions": ["submit(\\"No\\")"], "delay_ms": %d}}
        """
            .formatted(random.nextInt(300));
    HttpResponse<String> answer =
        ask(
            "submit",
            HttpRequest.newBuilder(URI.create(tasks))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    if (answer.statusCode() == 201) {
      ids.add(Json.mapper().readTree(answer.body()).path("id").asString());
    }
  }

  private HttpResponse<String> ask(String what, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
    int status = answer.statusCode();
    counts.computeIfAbsent(what + " " + status, key -> new LongAdder()).increment();
    boolean asksToWait = status == 429 || status == 503;
    if (!DOCUMENTED.getOrDefault(what, Set.of()).contains(status)
        || (asksToWait && answer.headers().firstValue("Retry-After").isEmpty())) {
      throw new AssertionError(what + " answered " + status + ": " + answer.body());
    }
    return answer;
  }
}

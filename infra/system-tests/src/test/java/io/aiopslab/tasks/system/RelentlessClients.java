package io.aiopslab.tasks.system;

import io.aiopslab.tasks.message.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/** Clients that submit, and at every answer, whatever it says, submit again at once. */
final class RelentlessClients {
  private static final String TASK =
      "{\"problem_id\": \"noop_detection_hotel_reservation-1\", \"backend_type\": \"nobody\"}";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpRequest submit;
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Map<String, LongAdder> answers = new ConcurrentSkipListMap<>();

  RelentlessClients(String url) {
    this.submit =
        HttpRequest.newBuilder(URI.create(url + "/api/v1/tasks"))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(TASK))
            .build();
  }

  /** Returns once the last answer is there. */
  void run(int clients, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    CompletableFuture.allOf(
            IntStream.range(0, clients)
                .mapToObj(client -> again(end))
                .toArray(CompletableFuture[]::new))
        .join();
  }

  private CompletableFuture<Void> again(long end) {
    if (System.nanoTime() >= end) {
      return CompletableFuture.completedFuture(null);
    }
    return http.sendAsync(submit, BodyHandlers.ofString())
        .handle(
            (answer, failure) -> {
              note(answer, failure);
              return null;
            })
        .thenComposeAsync(done -> again(end));
  }

  private void note(HttpResponse<String> answer, Throwable failure) {
    if (answer == null) {
      count("no answer: " + failure);
      return;
    }
    boolean says = answer.headers().firstValue("Retry-After").isPresent();
    count(answer.statusCode() + (says ? " with Retry-After" : ""));
    if (answer.statusCode() == 201) {
      acknowledged.add(Json.mapper().readTree(answer.body()).path("id").asString());
    }
  }

  private void count(String what) {
    answers.computeIfAbsent(what, key -> new LongAdder()).increment();
  }

  /** Ids of tasks that were answered 201. */
  Set<String> acknowledged() {
    return acknowledged;
  }

  /** How many answers were of which kind. */
  Map<String, LongAdder> answers() {
    return answers;
  }
}

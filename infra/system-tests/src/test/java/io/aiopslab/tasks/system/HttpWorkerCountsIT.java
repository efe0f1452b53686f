package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What an HTTP worker said is compared with what is stored, also where it does not count itself,
 * with two instances of the API and two collectors.
 */
@Tag("thorough")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpWorkerCountsIT {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final int RUNS = 24;
  private static final int LINES = 60;
  private static final int TURNS = 3;

  private RunningSystem system;
  private List<HttpCalls> apis;

  @BeforeAll
  void start(@TempDir Path directory) {
    // Its workers never beat: on a slow machine fast sweeps would call them lost.
    system =
        RunningSystem.startWithSlowSweeps(
            directory, Map.of("AIOPSLAB_COLLECTOR_FEED_PATIENCE", "20s"));
    system.anotherCollector();
    apis = List.of(new HttpCalls(system.url()), new HttpCalls(system.anotherApi().url()));
  }

  @AfterAll
  void stop() {
    system.close();
  }

  @Test
  void whoDoesNotCountIsCountedAndNoPrefixPassesForWhole() {
    List<CompletableFuture<String>> runs =
        IntStream.range(0, RUNS)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> report("counts-" + i)))
            .toList();
    List<String> ids = runs.stream().map(CompletableFuture::join).toList();
    Map<String, JsonNode> records = new LinkedHashMap<>();
    String[] after = {""};
    await()
        .atMost(LONG)
        .until(
            () -> {
              JsonNode page =
                  apis.get(1).get("/api/v1/trajectories?limit=100&wait=1s" + after[0]).body();
              page.path("trajectories")
                  .forEach(one -> records.put(one.path("task_id").asString(), one));
              after[0] = "&after=" + page.path("next").asString();
              return records.keySet().containsAll(ids);
            });
    for (String id : ids) {
      JsonNode record = Objects.requireNonNull(records.get(id));
      assertThat(record.path("complete").asBoolean()).isTrue();
      assertThat(record.path("messages").size()).isEqualTo(2 * TURNS);
      JsonNode result = system.client().task(id).path("result");
      assertThat(result.path("log_lines").asInt()).isEqualTo(LINES);
      assertThat(result.path("steps").asInt()).isEqualTo(TURNS);
      assertThat(system.client().logs(id)).hasSize(LINES);
    }
  }

  @Test
  void whatWasAnnouncedAndHasNotArrivedIsWaitedForAndThenMissed() {
    Claimed run = claim("announces");
    run.send(0, "logs", ",\"first_seq\":0,\"lines\":[{\"message\":\"m\"}]}");
    run.send(1, "steps", ",\"steps\":[{\"index\":0,\"role\":\"assistant\",\"content\":\"c\"}]}");
    run.send(0, "complete", ",\"reward\":1,\"steps\":5,\"log_lines\":10}");
    system.client().awaitEnd(run.task(), LONG);
    assertThat(complete(run.task())).isFalse();
    assertThat(fed(run.task())).as("held back").isFalse();

    run.send(1, "logs", ",\"first_seq\":1,\"lines\":[" + lines(9) + "]}");
    run.send(0, "steps", ",\"steps\":[" + steps(1, 9) + "]}");
    await().atMost(LONG).until(() -> fed(run.task()));
    assertThat(complete(run.task())).isTrue();
    Claimed never = claim("announces-never");
    never.send(0, "complete", ",\"reward\":1,\"log_lines\":1}");
    await().atMost(LONG).until(() -> fed(never.task()));
    assertThat(complete(never.task())).as("nothing is waited for for ever").isFalse();
  }

  /** Its ids mean the same everywhere, so nothing is told again. */
  @Test
  void aStreamGoesOnAtAnotherInstanceWhereItWasCut() {
    Claimed run = claim("followed");
    run.send(0, "progress", ",\"phase\":\"running\"}");
    run.send(1, "logs", ",\"first_seq\":0,\"lines\":[" + lines(3) + "]}");
    Map<String, String> first = follow(apis.get(0), run.task(), "", "progress");
    run.send(0, "logs", ",\"first_seq\":3,\"lines\":[" + lines(3) + "]}");
    run.send(1, "steps", ",\"steps\":[" + steps(0, 2) + "]}");
    run.send(0, "complete", ",\"reward\":1,\"steps\":1,\"log_lines\":6}");
    String last = first.keySet().stream().reduce((a, b) -> b).orElseThrow();
    Map<String, String> rest = follow(apis.get(1), run.task(), last, "end");
    assertThat(rest.keySet()).doesNotContainAnyElementsOf(first.keySet());
    assertThat(rest.values()).doesNotContainAnyElementsOf(first.values());
    List<String> all = new ArrayList<>(first.values());
    all.addAll(rest.values());
    assertThat(all.stream().filter(event -> event.startsWith("log "))).hasSize(6);
    assertThat(all.stream().filter(event -> event.startsWith("step "))).hasSize(2);
  }

  /** Names and data of the events by their ids, up to the first of that name. */
  private static Map<String, String> follow(
      HttpCalls api, String task, String lastId, String until) {
    Map<String, String> events = new LinkedHashMap<>();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(api.url() + "/api/v1/tasks/" + task + "/events"))
            .header("Last-Event-ID", lastId.isEmpty() ? "-1.-1.none.0" : lastId)
            .timeout(LONG)
            .build();
    try (Stream<String> lines =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
      String id = "";
      String name = "";
      String data = "";
      Iterator<String> line = lines.iterator();
      while (events.values().stream().noneMatch(event -> event.startsWith(until + " "))
          && line.hasNext()) {
        String said = line.next();
        if (said.startsWith("id:")) {
          id = said.substring(3).strip();
        } else if (said.startsWith("event:")) {
          name = said.substring(6).strip();
        } else if (said.startsWith("data:")) {
          data = said.substring(5).strip();
        } else if (said.isEmpty() && !name.isEmpty()) {
          events.put(id, name + " " + data);
          name = "";
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return events;
  }

  private record Claimed(List<HttpCalls> apis, String worker, String task, String session) {
    /** To one of the two instances; what a full broker or a busy service refused is repeated. */
    void send(int instance, String what, String rest) {
      String path = "/api/v1/workers/%s/tasks/%s/%s".formatted(worker, task, what);
      String body = "{\"session_id\":\"" + session + "\"" + rest;
      await().atMost(LONG).until(() -> apis.get(instance % 2).post(path, body).status() == 200);
    }
  }

  private Claimed claim(String worker) {
    String named = "{\"id\":\"%s\",\"backend_type\":\"%s\"}".formatted(worker, worker);
    assertThat(apis.get(0).post("/api/v1/workers/register", named).status()).isEqualTo(201);
    String task =
        system.client().submit("{\"problem_id\":\"p\",\"backend_type\":\"%s\"}".formatted(worker));
    String session = UUID.randomUUID().toString();
    JsonNode claimed =
        apis.get(1)
            .post(
                "/api/v1/workers/" + worker + "/claim?wait=30s",
                "{\"session_id\":\"" + session + "\"}")
            .body();
    assertThat(claimed.at("/task/id").asString()).as(claimed.toString()).isEqualTo(task);
    return new Claimed(apis, worker, task, session);
  }

  /** Ends as soon as everything is taken, when most of it is still on its way. */
  private String report(String worker) {
    Claimed run = claim(worker);
    for (int first = 0; first < LINES; first += 10) {
      run.send(first / 10, "logs", ",\"first_seq\":" + first + ",\"lines\":[" + lines(10) + "]}");
    }
    for (int turn = 0; turn < TURNS; turn++) {
      run.send(turn, "steps", ",\"steps\":[" + steps(2 * turn, 2) + "]}");
    }
    run.send(1, "complete", ",\"reward\":1}");
    return run.task();
  }

  private static String lines(int count) {
    return String.join(",", Collections.nCopies(count, "{\"message\":\"m\"}"));
  }

  private static String steps(int first, int count) {
    List<String> steps = new ArrayList<>();
    for (int index = first; index < first + count; index++) {
      String role = index % 2 == 0 ? "assistant" : "env";
      steps.add("{\"index\":%d,\"role\":\"%s\",\"content\":\"c\"}".formatted(index, role));
    }
    return String.join(",", steps);
  }

  private boolean complete(String task) {
    JsonNode record = apis.get(0).get("/api/v1/tasks/" + task + "/trajectory").body();
    return record.path("complete").asBoolean();
  }

  private boolean fed(String task) {
    return system
            .database()
            .sql("SELECT count(*) FROM trajectory_feed WHERE task_id = ?::uuid")
            .param(task)
            .query(Long.class)
            .single()
        == 1;
  }
}

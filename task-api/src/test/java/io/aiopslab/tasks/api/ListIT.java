package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.store.TaskClaims;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ListIT {
  private static final String TASKS = "/api/v1/tasks";

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @ParameterizedTest
  @ValueSource(strings = {"created_at", "-created_at", "priority", "-priority"})
  void walkWhileOthersSubmitShowsEachOnce(String sort) {
    String walk = "walk" + sort;
    Set<String> there = new HashSet<>(batch(walk, 1000));
    there.addAll(batch(walk, 1000));
    List<JsonNode> seen = new ArrayList<>();
    String first = TASKS + "?limit=100&problem_id=" + walk + "&sort=" + sort;
    JsonNode page = api.get(first).json();
    assertThat(page.get("total").longValue()).isEqualTo(2000);
    while (true) {
      page.get("tasks").forEach(seen::add);
      if (page.get("next_cursor").isNull() || seen.size() > 4000) {
        break;
      }
      if (seen.size() <= 1000) {
        batch(walk, 20);
      }
      page = api.get(first + "&cursor=" + page.get("next_cursor").stringValue()).json();
    }
    List<String> ids = ids(seen);
    assertThat(ids).doesNotHaveDuplicates().containsAll(there);
    Comparator<JsonNode> order = Comparator.comparing(task -> task.get("id").stringValue());
    if (sort.endsWith("priority")) {
      order =
          Comparator.<JsonNode>comparingInt(task -> task.get("priority").intValue())
              .thenComparing(order);
    }
    assertThat(seen).isSortedAccordingTo(sort.startsWith("-") ? order.reversed() : order);
  }

  @Test
  void offsetWalksToo() {
    List<String> ids = batch("offset", 50);
    List<String> seen = new ArrayList<>();
    for (int offset = 0; offset <= 50; offset += 20) {
      JsonNode page = api.get(TASKS + "?problem_id=offset&sort=created_at&offset=" + offset).json();
      assertThat(page.get("offset").intValue()).isEqualTo(offset);
      assertThat(page.get("limit").intValue()).isEqualTo(20);
      assertThat(page.get("total").intValue()).isEqualTo(50);
      assertThat(page.get("total_exact").booleanValue()).isTrue();
      assertThat(page.get("next_cursor").isNull()).isEqualTo(offset == 40);
      page.get("tasks").forEach(task -> seen.add(task.get("id").stringValue()));
    }
    assertThat(seen).isEqualTo(ids);
    assertThat(listed("?offset=100000")).isEmpty();
  }

  @Test
  void totalIsCountedUpToABound() {
    api.sql()
        .update(
            "INSERT INTO tasks (id, problem_id, backend_type, priority, max_steps, timeout_minutes,"
                + " agent_config, metadata, changed_by)"
                + " SELECT gen_random_uuid(), 'mass', 'mass', n % 11, 1, 1, '{}',"
                + " '{\"mass\": true}', 'test' FROM generate_series(1, 10001) AS n");
    for (String filter : new String[] {"problem_id=mass", "metadata.mass=true", "limit=20"}) {
      JsonNode page = api.get(TASKS + "?sort=-priority&" + filter).json();
      assertThat(page.get("total").intValue()).as(filter).isEqualTo(10_000);
      assertThat(page.get("total_exact").booleanValue()).as(filter).isFalse();
      assertThat(page.get("tasks").size()).isEqualTo(20);
      JsonNode next =
          api.get(
                  TASKS
                      + "?sort=-priority&"
                      + filter
                      + "&cursor="
                      + page.get("next_cursor").stringValue())
              .json();
      assertThat(ids(next)).hasSize(20).doesNotContainAnyElementsOf(ids(page));
    }
    JsonNode exact = api.get(TASKS + "?problem_id=mass&backend_type=mass&metadata.x=1").json();
    assertThat(exact.get("total").intValue()).isZero();
    assertThat(exact.get("total_exact").booleanValue()).isTrue();
  }

  @Test
  void statusMayBeRepeated() {
    String running = submitted("status", "{}");
    String pending = submitted("status", "{}");
    assertThat(claimed("status")).isEqualTo(running);
    String cancelled = submitted("status", "{}");
    cancel(cancelled);
    String of = "?backend_type=status&sort=created_at";
    assertThat(listed(of)).containsExactly(running, pending, cancelled);
    assertThat(listed(of + "&status=pending")).containsExactly(pending);
    assertThat(listed(of + "&status=running&status=cancelled")).containsExactly(running, cancelled);
    assertThat(listed(of + "&status=failed")).isEmpty();
  }

  @Test
  void everyFilterNarrows() {
    String id = submitted("filters", "{}");
    String other = submitted("filters", "{}");
    String mine = claimed("filters");
    assertThat(mine).isEqualTo(id);
    cancel(id);
    String retry = api.post(TASKS + "/" + id + "/retry", "").id();
    assertThat(listed("?backend_type=filters")).containsExactly(retry, other, id);
    assertThat(listed("?worker_id=worker-of-filters")).containsExactly(id);
    assertThat(listed("?worker_id=worker-of-filters&status=pending")).isEmpty();
    assertThat(listed("?retry_of=" + id)).containsExactly(retry);
    assertThat(listed("?retry_of=" + other)).isEmpty();
    assertThat(listed("?problem_id=no-such")).isEmpty();
    assertThat(listed("?problem_id=%27%3B%20DROP%20TABLE%20tasks%3B--")).isEmpty();
    assertThat(listed("?id=" + id + "&id=" + other + "&id=" + UUID.randomUUID()))
        .containsExactly(other, id);
    assertThat(listed("?id=" + id + "&id=" + other + "&status=pending")).containsExactly(other);
  }

  @Test
  void spanOfTimeHoldsItsBeginningAndNotItsEnd() {
    List<String> ids =
        Stream.generate(() -> submitted("time", "{}")).limit(3).collect(Collectors.toList());
    String second =
        encoded(api.get(TASKS + "/" + ids.get(1)).json().get("created_at").stringValue());
    String of = "?backend_type=time&sort=created_at";
    assertThat(listed(of + "&created_after=" + second)).containsExactly(ids.get(1), ids.get(2));
    assertThat(listed(of + "&created_before=" + second)).containsExactly(ids.get(0));
    assertThat(
            listed(of + "&created_after=0001-01-01T00:00:00Z&created_before=9999-12-31T23:59:59Z"))
        .isEqualTo(ids);
    assertThat(listed(of + "&created_after=9999-12-31T23:59:59Z")).isEmpty();
  }

  @Test
  void metadataIsFoundByMembersAtTopLevel() {
    String text = submitted("meta", "{\"experiment\":\"grpo-7\",\"n\":\"5\",\"deep\":{\"n\":5}}");
    String number = submitted("meta", "{\"n\":5.0,\"ok\":true,\"a b.c\":\"ü\"}");
    String other = submitted("meta", "{\"n\":6,\"ok\":\"true\",\"nothing\":null}");
    String of = "?backend_type=meta&sort=created_at&metadata.";
    assertThat(listed(of + "experiment=grpo-7")).containsExactly(text);
    assertThat(listed(of + "experiment=grpo")).isEmpty();
    assertThat(listed(of + "n=5")).containsExactly(text, number);
    assertThat(listed(of + "n=6")).containsExactly(other);
    assertThat(listed(of + "ok=true")).containsExactly(number, other);
    assertThat(listed(of + "ok=true&metadata.n=5")).containsExactly(number);
    assertThat(listed(of + encoded("a b.c") + "=" + encoded("ü"))).containsExactly(number);
    assertThat(listed(of + "deep=5")).isEmpty();
    assertThat(listed(of + "nothing=null")).isEmpty();
    assertThat(listed(of + "n=" + encoded("\"} OR true --"))).isEmpty();
    assertThat(listed(of + "n=1e99999999")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status=done",
        "status=",
        "status=pending&status=x",
        "problem_id=",
        "problem_id=%00",
        "worker_id=a&worker_id=b",
        "retry_of=1-1-1-1-1",
        "id=1-1-1-1-1",
        "id=",
        "created_after=yesterday",
        "created_before=2026-01-01",
        "sort=id",
        "limit=0",
        "limit=101",
        "offset=-1",
        "offset=100001",
        "wait=1s",
        "wait_for=some",
        "metadata.%00=1",
        "metadata.a=%00",
        "metadata.a=1&metadata.a=2",
        "cursor=",
        "cursor=%C3%A9",
        "cursor=AAAA",
        "cursor=!"
      })
  void badParameterIsRefusedByName(String query) {
    Answer answer = api.get(TASKS + "?" + query);
    assertProblem(answer, 400);
    assertThat(answer.fields())
        .singleElement()
        .asString()
        .startsWith(query.replaceFirst("[=.%].*", ""));
  }

  @Test
  void badCombinationsAreRefused() {
    assertThat(refused("offset=100001").get("error").stringValue()).contains("next_cursor");
    assertThat(
            refused("created_after=2026-01-02T00:00:00Z&created_before=2026-01-01T00:00:00Z")
                .at("/details/0/field")
                .stringValue())
        .isEqualTo("created_before");
    String ids =
        Stream.generate(() -> "id=" + UUID.randomUUID())
            .limit(101)
            .collect(Collectors.joining("&"));
    assertThat(refused(ids).at("/details/0/field").stringValue()).isEqualTo("id");
    String one = "id=" + UUID.randomUUID();
    String often = Stream.generate(() -> one).limit(101).collect(Collectors.joining("&"));
    assertThat(refused(often).at("/details/0/field").stringValue()).isEqualTo("id");
    String keys =
        IntStream.range(0, 11)
            .mapToObj(i -> "metadata.k" + i + "=1")
            .collect(Collectors.joining("&"));
    assertThat(refused(keys).at("/details/0/field").stringValue()).isEqualTo("metadata.<key>");
  }

  @Test
  void cursorIsForItsOwnListing() {
    batch("cursor", 5);
    String of = "problem_id=cursor&limit=2";
    JsonNode page = api.get(TASKS + "?" + of).json();
    String cursor = page.get("next_cursor").stringValue();
    assertThat(listed("?" + of + "&sort=-created_at&cursor=" + cursor)).hasSize(2);
    assertThat(listed("?limit=100&problem_id=cursor&cursor=" + cursor)).hasSize(3);
    for (String other :
        new String[] {
          of + "&sort=created_at", "limit=2", of + "&status=pending", of + "&metadata.a=1"
        }) {
      JsonNode problem = refused(other + "&cursor=" + cursor);
      assertThat(problem.at("/details/0/rule").stringValue()).as(other).isEqualTo("mismatch");
    }
    byte[] bytes = Base64.getUrlDecoder().decode(cursor);
    bytes[0]++;
    String tampered = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    assertThat(refused(of + "&cursor=" + tampered).at("/details/0/rule").stringValue())
        .isEqualTo("format");
    assertThat(refused(of + "&offset=1&cursor=" + cursor).at("/details/0/field").stringValue())
        .isEqualTo("offset");
  }

  @Test
  void waitForAllIsAnsweredAtTheLastEnd() {
    List<String> ids = batch("wait-all", 100);
    CompletableFuture<Answer> answer = waiting(query(ids) + "&wait=50s");
    CompletableFuture<Answer> some = waiting(query(ids.subList(0, 10)) + "&wait=50s&wait_for=all");
    ids.subList(0, 10).forEach(ListIT::cancel);
    assertThat(statuses(some.join())).hasSize(10).containsOnly("cancelled");
    assertThat(answer).isNotDone();
    ids.subList(10, 100).forEach(ListIT::cancel);
    assertThat(statuses(answer.join())).hasSize(100).containsOnly("cancelled");
    assertThat(answer.join().json().get("limit").intValue()).isEqualTo(100);
  }

  @Test
  void waitForAnyIsAnsweredAtTheFirstEnd() {
    List<String> ids = batch("wait-any", 3);
    CompletableFuture<Answer> answer = waiting(query(ids) + "&wait=50s&wait_for=any");
    cancel(ids.get(1));
    assertThat(statuses(answer.join())).containsExactly("pending", "cancelled", "pending");
    assertThat(statuses(api.get(query(ids) + "&wait=50s&wait_for=any"))).contains("cancelled");
  }

  @Test
  void waitIsAnsweredWhenThereIsNothingToWaitFor() {
    List<String> ids = batch("wait-none", 2);
    assertThat(statuses(api.get(query(ids) + "&wait=200ms"))).containsOnly("pending");
    assertThat(statuses(api.get(query(List.of(UUID.randomUUID().toString())) + "&wait=50s")))
        .isEmpty();
    ids.forEach(ListIT::cancel);
    List<String> known =
        Stream.concat(ids.stream(), Stream.of(UUID.randomUUID().toString())).toList();
    assertThat(statuses(api.get(query(known) + "&wait=50s"))).hasSize(2);
  }

  private static CompletableFuture<Answer> waiting(String path) {
    return CompletableFuture.supplyAsync(() -> api.get(path), task -> new Thread(task).start());
  }

  private static String query(List<String> ids) {
    return TASKS + ids.stream().collect(Collectors.joining("&id=", "?id=", ""));
  }

  private static List<String> statuses(Answer answer) {
    return answer
        .json()
        .get("tasks")
        .valueStream()
        .map(t -> t.get("status").stringValue())
        .toList();
  }

  private static JsonNode refused(String query) {
    Answer answer = api.get(TASKS + "?" + query);
    assertProblem(answer, 400);
    return answer.json();
  }

  private static List<String> listed(String query) {
    Answer answer = api.get(TASKS + query);
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    return ids(answer.json());
  }

  private static List<String> ids(JsonNode page) {
    return ids(page.get("tasks").valueStream().toList());
  }

  private static List<String> ids(List<JsonNode> tasks) {
    return tasks.stream().map(task -> task.get("id").stringValue()).toList();
  }

  private static List<String> batch(String problem, int size) {
    Answer answer =
        api.post(
            TASKS + "/batch",
            IntStream.range(0, size)
                .mapToObj(
                    i -> "{\"problem_id\":\"%s\",\"priority\":%d}".formatted(problem, i * 7 % 11))
                .collect(Collectors.joining(",", "{\"tasks\":[", "]}")));
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    return ids(answer.json());
  }

  private static String submitted(String backend, String metadata) {
    return api.submit(
            "{\"problem_id\":\"p\",\"backend_type\":\"%s\",\"metadata\":%s}"
                .formatted(backend, metadata))
        .id();
  }

  /** The oldest one that waits. */
  private static String claimed(String backend) {
    return api.bean(TaskClaims.class)
        .claim("worker-of-" + backend, backend, UUID.randomUUID())
        .orElseThrow()
        .id()
        .toString();
  }

  private static void cancel(String id) {
    api.sql()
        .update(
            "UPDATE tasks SET status = 'cancelled', completed_at = now(), changed_by = 'test'"
                + " WHERE id = ?",
            UUID.fromString(id));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}

package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import io.aiopslab.tasks.broker.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What the first release promises, seen from outside. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MainJobIT {
  private static final String PROBLEM = "misconfig_app_hotel_res-detection-1";

  private RunningSystem system;
  private ServiceProcess worker;

  @BeforeAll
  void start() {
    system = RunningSystem.shared();
    worker = system.worker("main", "main-a");
  }

  @AfterAll
  void stop() {
    worker.close();
  }

  @Tag("thorough")
  @Test
  void twoHundredTasksOnTwoSlotsEachRunOnceAndAreKeptWhole() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ids.add(system.client().submit(task("two-hundred", 5, 0)));
    }
    try (ServiceProcess own = system.worker("two-hundred", "two-hundred-a", "two-hundred-b")) {
      for (String id : ids) {
        JsonNode task = system.client().awaitEnd(id, Duration.ofMinutes(5));
        assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("completed");
        assertThat(task.path("result").path("reward").asDouble()).isEqualTo(1.0);
        assertThat(task.path("result").path("environment").asString()).isEqualTo("simulator");
        assertLogIsWhole(id, task);
      }
    }
    assertThat(runsOf("two-hundred")).isEqualTo(200);
    assertTrajectoriesAreWhole("two-hundred");
    assertFed("two-hundred", ids);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(depth(Topology.EVENTS_QUEUE)).isZero();
              assertThat(depth(Topology.ticketQueue("two-hundred"))).isZero();
            });
    assertThat(count("SELECT count(*) FROM dead_letters")).isZero();
    assertThat(count("SELECT count(*) FROM stale_reports")).isZero();
  }

  @Test
  void prioritiesAreHonouredThenAge() {
    String busy = system.client().submit(task("main", 5, 2000));
    system.client().awaitStatus(busy, "running");
    List<Integer> priorities = List.of(5, 0, 10, 5, 7, 3, 10, 1, 7, 5);
    List<String> ids =
        priorities.stream().map(p -> system.client().submit(task("main", p, 0))).toList();
    List<String> expected =
        IntStream.range(0, ids.size())
            .boxed()
            .sorted(Comparator.comparing((Integer i) -> -priorities.get(i)).thenComparing(i -> i))
            .map(ids::get)
            .toList();

    ids.forEach(id -> system.client().awaitEnd(id, Duration.ofMinutes(1)));

    assertThat(ids.stream().sorted(Comparator.comparing(this::startedAt)).toList())
        .isEqualTo(expected);
  }

  /** From the answer to a cancel, which comes after its commit, to the reader's; printed. */
  @Test
  void aReaderOfTheFeedIsWokenSoonAfterAnEnd() {
    HttpCalls calls = new HttpCalls(system.url());
    String feed = "/api/v1/trajectories?backend_type=feed&wait=30s&after=";
    String after = calls.get("/api/v1/trajectories?problem_id=none").body().get("next").asString();
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String id = system.client().submit(task("feed", 5, 0));
      String path = feed + after;
      CompletableFuture<JsonNode> page =
          CompletableFuture.supplyAsync(() -> calls.get(path).body());
      CompletableFuture<Long> woken = page.thenApply(answer -> System.nanoTime());
      assertThat(system.client().cancel(id, "enough").statusCode()).isEqualTo(200);
      long ended = System.nanoTime();
      millis.add(Math.max(0, woken.join() - ended) / 1_000_000);
      assertThat(page.join().at("/trajectories/0/task_id").asString()).isEqualTo(id);
      after = page.join().get("next").asString();
    }
    millis.sort(null);
    System.out.println(
        "MainJobIT: from end to reader of the feed, ms: median %d, most %d"
            .formatted(millis.get(10), millis.get(19)));
    assertThat(millis.get(10)).isLessThan(1000);
  }

  @Test
  void aTaskWithoutAWorkerWaitsUntilOneAppears() {
    String id = system.client().submit(task("late", 5, 0));
    await("its ticket")
        .atMost(Duration.ofSeconds(20))
        .until(() -> system.broker().messages(Topology.ticketQueue("late")) == 1);
    assertThat(system.client().task(id).path("status").asString()).isEqualTo("pending");

    try (ServiceProcess own = system.worker("late", "late-a")) {
      JsonNode task = system.client().awaitEnd(id, Duration.ofMinutes(1));
      assertThat(task.path("status").asString()).isEqualTo("completed");
      assertThat(task.path("worker_id").asString()).isEqualTo("late-a");
    }
  }

  @Tag("thorough")
  @Test
  void withTheBrokerDownTasksAreTakenRunAndReportedAfterwards() {
    try (ServiceProcess own = system.worker("dark", "dark-a")) {
      system.broker().stop();
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        ids.add(system.client().submit(task("dark", 5, 0)));
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> runsOf("dark") == 5);
      system.broker().start();

      for (String id : ids) {
        JsonNode task = system.client().awaitEnd(id, Duration.ofMinutes(2));
        assertThat(task.path("status").asString()).isEqualTo("completed");
        assertLogIsWhole(id, task);
      }
    }
  }

  @Test
  void aStoppedWorkerReportsWhatItCouldNotFinish() {
    String id;
    try (ServiceProcess own =
        system.worker(
            Map.of("AIOPSLAB_WORKER_SHUTDOWNGRACE", "1s", "AIOPSLAB_WORKER_KILLGRACE", "3s"),
            "stopped",
            "stopped-a")) {
      id = system.client().submit(task("stopped", 5, 20_000));
      system.client().awaitStatus(id, "running");
      own.terminate();
    }
    JsonNode task = system.client().awaitEnd(id, Duration.ofSeconds(60));
    assertThat(task.path("status").asString()).isEqualTo("failed");
    assertThat(task.path("failure_code").asString()).isEqualTo("worker_shutdown");
    assertThat(task.path("error_details").asString()).isNotBlank();
  }

  @Tag("thorough")
  @Test
  void theTaskOfADeadWorkerFailsAndItsProcessesAreGone() {
    try (ServiceProcess own = system.worker("dead", "dead-a")) {
      String id = system.client().submit(task("dead", 5, 30_000));
      system.client().awaitStatus(id, "running");
      List<ProcessHandle> runners =
          await()
              .until(
                  () ->
                      ProcessHandle.of(own.pid()).stream()
                          .flatMap(ProcessHandle::descendants)
                          .toList(),
                  found -> found.size() >= 2);

      own.kill();

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(runners).noneMatch(ProcessHandle::isAlive));
      JsonNode task = system.client().awaitEnd(id, Duration.ofSeconds(60));
      assertThat(task.path("failure_code").asString()).isEqualTo("worker_lost");
      assertThat(task.path("result").isNull()).as("a failure has no reward").isTrue();
    }
  }

  @Test
  void whatIsExportedIsWhatIsDocumented() {
    HttpCalls api = new HttpCalls(system.url());
    api.post("/api/v1/workers/register", "{\"id\": \"measured-h\", \"backend_type\": \"by-hand\"}");
    system.client().submit(task("by-hand", 5, 0));
    assertThat(api.post("/api/v1/workers/measured-h/claim", "{}").status()).isEqualTo(200);
    system.client().awaitEnd(system.client().submit(task("main", 5, 0)), Duration.ofMinutes(1));
    Map<String, String> urls =
        Map.of(
            "task-api", system.url(),
            "task-worker", worker.url(),
            "result-collector", system.collectorUrl());
    urls.forEach(
        (service, url) ->
            await(service)
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(
                    () ->
                        assertThat(MetricTable.exported(url))
                            .isEqualTo(MetricTable.documented(service))));
  }

  @Test
  void anUnknownProblemWaitsForAWorkerThatKnowsItAndSaysSo() {
    String id =
        system
            .client()
            .submit("{\"problem_id\": \"no-such-problem-1\", \"backend_type\": \"main\"}");
    JsonNode task = system.client().task(id);
    assertThat(task.path("status").asString()).isEqualTo("pending");
    assertThat(task.path("unplayable").asString()).contains("no-such-problem-1", "'main'");
    assertThat(system.client().cancel(id, "misspelt").statusCode()).isEqualTo(200);
    task = system.client().awaitEnd(id, Duration.ofMinutes(1));
    assertThat(task.path("status").asString()).isEqualTo("cancelled");
  }

  private void assertLogIsWhole(String id, JsonNode task) {
    long promised = task.path("result").path("log_lines").asLong();
    List<Long> seqs =
        await("all log lines of " + id)
            .atMost(Duration.ofSeconds(20))
            .until(
                () ->
                    system.client().logs(id).stream()
                        .map(line -> line.path("seq").asLong())
                        .toList(),
                found -> found.size() >= promised);
    assertThat(promised).isPositive();
    assertThat(seqs).isEqualTo(LongStream.range(0, promised).boxed().toList());
  }

  private void assertTrajectoriesAreWhole(String backendType) {
    List<long[]> counts =
        system
            .database()
            .sql(
                """
                SELECT count(*) AS messages, max(s.index) + 1 AS expected
                FROM tasks t JOIN task_steps s ON s.task_id = t.id
                WHERE t.backend_type = ? GROUP BY t.id
                """)
            .param(backendType)
            .query((row, n) -> new long[] {row.getLong(1), row.getLong(2)})
            .list();
    assertThat(counts).hasSize(200).allMatch(count -> count[0] == count[1]);
  }

  private void assertFed(String backendType, List<String> ids) {
    HttpCalls calls = new HttpCalls(system.url());
    List<String> fed = new ArrayList<>();
    String after = "";
    while (fed.size() < ids.size()) {
      JsonNode page =
          calls
              .get("/api/v1/trajectories?wait=20s&limit=50&backend_type=" + backendType + after)
              .body();
      assertThat(page.get("trajectories")).as("all are there in time").isNotEmpty();
      for (JsonNode trajectory : page.get("trajectories")) {
        fed.add(trajectory.get("task_id").asString());
        assertThat(trajectory.get("complete").asBoolean()).isTrue();
        assertThat(trajectory.at("/messages/0/role").asString()).isEqualTo("system");
      }
      after = "&after=" + page.get("next").asString();
    }
    assertThat(fed).containsExactlyInAnyOrderElementsOf(ids);
  }

  private int runsOf(String backendType) {
    List<String> sessions =
        system
            .database()
            .sql(
                "SELECT session_id::text FROM tasks WHERE backend_type = ? AND session_id IS NOT NULL")
            .param(backendType)
            .query(String.class)
            .list();
    assertThat(new HashSet<>(sessions)).hasSameSizeAs(sessions);
    return sessions.size();
  }

  private long count(String sql) {
    return system.database().sql(sql).query(Long.class).single();
  }

  private long depth(String queue) throws Exception {
    try (var connection = system.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      return channel.messageCount(queue);
    }
  }

  private String startedAt(String id) {
    return Stream.of(system.client().task(id).path("started_at").asString())
        .map(java.time.Instant::parse)
        .map(
            instant ->
                "%020d".formatted(instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1000))
        .findFirst()
        .orElseThrow();
  }

  private static String task(String backendType, int priority, int delayMs) {
    return """
        {"problem_id": "%s", "backend_type": "%s", "priority": %d,
         "agent_config": {"agent": "rule_based", "delay_ms": %d}}
        """
        .formatted(PROBLEM, backendType, priority, delayMs);
  }
}

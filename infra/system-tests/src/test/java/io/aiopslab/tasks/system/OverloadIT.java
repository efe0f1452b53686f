package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Far more than can be handled. {@code -Dload.seconds=60} and {@code -Dflood.tasks=100000} for the
 * long version.
 */
@Tag("thorough")
class OverloadIT {
  private static final Duration TIME = Duration.ofSeconds(Long.getLong("load.seconds", 10));
  private static final int FLOOD = Integer.getInteger("flood.tasks", 20_000);
  private static final long SEED = Long.getLong("load.seed", 20261123);

  /** As many requests as the API holds at once by default: 24 at work and 64 in the queue. */
  private static final int HELD = 88;

  /** Of Tomcat's 340 workers and everything else that a service at rest has. */
  private static final int MOST_THREADS = 340 + 60;

  @TempDir static Path directory;
  private static RunningSystem system;
  private static ServiceMeters meters;
  private static HttpCalls calls;

  @BeforeAll
  static void start() {
    system = RunningSystem.start(directory);
    meters = new ServiceMeters(system.url());
    calls = new HttpCalls(system.url());
  }

  @AfterAll
  static void stop() {
    if (system != null) {
      system.close();
    }
  }

  @Test
  void tenTimesTooMuchIsShedAndNothingAcknowledgedIsLost() throws Exception {
    new RelentlessClients(system.url()).run(HELD, Duration.ofSeconds(3));
    RelentlessClients bearable = new RelentlessClients(system.url());
    bearable.run(HELD, Duration.ofSeconds(2));
    long restMicros = median("POST /tasks at rest", 30, OverloadIT::submit);
    meters.collectGarbage(system.apiPid());
    double heap = meters.value("jvm_memory_used_bytes", "area=\"heap\"");

    RelentlessClients tooMany = new RelentlessClients(system.url());
    Probe probe = new Probe();
    Thread probing = new Thread(probe, "probe");
    probing.start();
    try {
      tooMany.run(10 * HELD, TIME);
    } finally {
      probe.stop.set(true);
      probing.join();
    }
    System.out.printf(
        "served %d/s by %d clients; of %d clients for %s: %s; probes %d, slowest %d ms, threads %d%n",
        bearable.acknowledged().size() / 2,
        HELD,
        10 * HELD,
        TIME,
        tooMany.answers(),
        probe.good.get(),
        probe.slowestMillis.get(),
        probe.mostThreads.get());

    assertThat(tooMany.answers().keySet())
        .contains("201", "503 with Retry-After")
        .isSubsetOf("201", "429 with Retry-After", "503 with Retry-After");
    assertThat(rows()).containsAll(bearable.acknowledged()).containsAll(tooMany.acknowledged());
    assertThat(probe.bad.get()).as("probes that found the API dead").isZero();
    assertThat(probe.good.get()).isPositive();
    assertThat(probe.mostThreads.get()).isLessThanOrEqualTo(MOST_THREADS);
    meters.collectGarbage(system.apiPid());
    assertThat(meters.value("jvm_memory_used_bytes", "area=\"heap\""))
        .isLessThan(heap * 1.3 + 32_000_000);
    await("the API is as fast as before, by itself")
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                median("POST /tasks afterwards", 30, OverloadIT::submit) < 3 * restMicros + 10_000);
    assertThat(calls.get("/actuator/health/readiness").status()).isEqualTo(200);
  }

  @Test
  void aFloodOfPendingTasksLeavesEveryCallBounded() {
    String worker = "flooded";
    ObjectNode registration = Json.mapper().createObjectNode();
    registration.put("id", worker).put("backend_type", worker);
    registration.putObject("capabilities").put("max_parallel_tasks", 1000);
    expect(201, calls.post("/api/v1/workers/register", registration.toString()));
    submitAll(200, new Random(SEED));
    Map<String, Long> before = measure();
    submitAll(FLOOD, new Random(SEED + 1));
    system.database().sql("ANALYZE tasks").update();
    Map<String, Long> after = measure();
    after.forEach(
        (call, micros) ->
            System.out.printf(
                "%s: %.1f ms with few, %.1f ms with %d pending, ratio %.2f%n",
                call,
                before.getOrDefault(call, 0L) / 1e3,
                micros / 1e3,
                FLOOD,
                1.0 * micros / Math.max(1, before.getOrDefault(call, 1L))));

    assertThat(
            plan(
                "SELECT id FROM tasks WHERE status = 'pending' AND backend_type = 'flooded'"
                    + " ORDER BY priority DESC, turn, created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"))
        .contains("tasks_pending")
        .doesNotContain("Sort", "Seq Scan");
    List<String> wanted =
        system
            .database()
            .sql(
                "SELECT id::text FROM tasks WHERE status = 'pending' AND backend_type = 'flooded'"
                    + " ORDER BY priority DESC, turn, created_at, id LIMIT 50")
            .query(String.class)
            .list();
    List<String> claimed = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      claimed.add(claim());
    }
    assertThat(claimed).isEqualTo(wanted);
  }

  private static Map<String, Long> measure() {
    Map<String, Long> micros = new LinkedHashMap<>();
    for (String path :
        List.of(
            "/tasks?limit=20",
            "/tasks?status=pending&sort=priority",
            "/tasks?backend_type=flooded&limit=100",
            "/tasks/stats",
            "/backends",
            "/workers")) {
      micros.put("GET " + path, median(path, 11, () -> expect(200, calls.get("/api/v1" + path))));
    }
    micros.put("POST claim", median("claim", 11, OverloadIT::claim));
    micros.put("POST /tasks", median("submit", 11, OverloadIT::submit));
    return micros;
  }

  private static String claim() {
    HttpCalls.Answer answer = calls.post("/api/v1/workers/flooded/claim", "{}");
    expect(200, answer);
    return answer.body().path("task").path("id").asString();
  }

  private static void submit() {
    expect(
        201, calls.post("/api/v1/tasks", "{\"problem_id\": \"p\", \"backend_type\": \"nobody\"}"));
  }

  private static void submitAll(int count, Random random) {
    for (int done = 0; done < count; done += 500) {
      ObjectNode batch = Json.mapper().createObjectNode();
      for (int i = done; i < Math.min(count, done + 500); i++) {
        batch
            .withArray("tasks")
            .addObject()
            .put("problem_id", "p" + random.nextInt(50))
            .put("backend_type", "flooded")
            .put("priority", random.nextInt(11));
      }
      expect(201, calls.post("/api/v1/tasks/batch", batch.toString()));
    }
  }

  /** In microseconds. */
  private static long median(String what, int times, Runnable call) {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      long begin = System.nanoTime();
      call.run();
      all.add((System.nanoTime() - begin) / 1000);
    }
    Collections.sort(all);
    long median = all.get(times / 2);
    System.out.printf(
        "%s: median %.1f ms, slowest %.1f ms%n", what, median / 1e3, all.get(times - 1) / 1e3);
    return median;
  }

  private static String plan(String sql) {
    return String.join("\n", system.database().sql("EXPLAIN " + sql).query(String.class).list());
  }

  private static Set<String> rows() {
    return new HashSet<>(
        system.database().sql("SELECT id::text FROM tasks").query(String.class).list());
  }

  private static void expect(int status, HttpCalls.Answer answer) {
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(status);
  }

  /** Asks all the while whether the API lives, and how many threads it has. */
  private static final class Probe implements Runnable {
    final AtomicBoolean stop = new AtomicBoolean();
    final AtomicInteger good = new AtomicInteger();
    final AtomicInteger bad = new AtomicInteger();
    final AtomicLong slowestMillis = new AtomicLong();
    final AtomicLong mostThreads = new AtomicLong();

    @Override
    public void run() {
      while (!stop.get()) {
        long begin = System.nanoTime();
        try {
          boolean lives = calls.get("/actuator/health/liveness").status() == 200;
          (lives ? good : bad).incrementAndGet();
          long threads = (long) meters.value("jvm_threads_live_threads", "");
          mostThreads.accumulateAndGet(threads, Math::max);
        } catch (Exception e) {
          System.out.println("probe: " + e);
          bad.incrementAndGet();
        }
        slowestMillis.accumulateAndGet((System.nanoTime() - begin) / 1_000_000, Math::max);
      }
    }
  }
}

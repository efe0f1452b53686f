package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.GeneratedRequest.Operation;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Whatever is asked, the answer is one that the served description allows, and never a defect. A
 * small generator and not jqwik: every request stands alone and is printed whole, so that there is
 * nothing to shrink.
 *
 * <p>Replay a run by {@code -Daiopslab.property.seed=…}, and one request of it by {@code
 * -Daiopslab.property.only=…} besides. A longer run: {@code -Daiopslab.property.requests=10000
 * -Daiopslab.property.seconds=300}.
 */
class OpenApiPropertyIT {
  private static final int REQUESTS = Integer.getInteger("aiopslab.property.requests", 2500);
  private static final Duration LONGEST =
      Duration.ofSeconds(Long.getLong("aiopslab.property.seconds", 40));
  private static final int THREADS = 4;

  @Test
  void everyAnswerIsOneThatIsDescribed() throws Exception {
    long seed = Long.getLong("aiopslab.property.seed", System.nanoTime());
    System.out.println("OpenApiPropertyIT: -Daiopslab.property.seed=" + seed);
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        RunningApi api = RunningApi.start(database, broker)) {
      Map<Integer, Integer> statuses = ask(api, seed);
      System.out.println("OpenApiPropertyIT: answers by status: " + statuses);
      int all = statuses.values().stream().mapToInt(Integer::intValue).sum();
      assertThat(statuses.getOrDefault(503, 0)).as("of %d", all).isLessThan(all / 20 + 1);
      if (Integer.getInteger("aiopslab.property.only") == null) {
        assertThat(statuses.getOrDefault(200, 0)).as("of %d", all).isGreaterThan(all / 20);
        assertThat(statuses.getOrDefault(400, 0)).as("of %d", all).isGreaterThan(all / 20);
      }
      assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(200);
    }
  }

  private static Map<Integer, Integer> ask(RunningApi api, long seed) throws Exception {
    List<String> ids = ids(api);
    JsonNode description = api.contract().description();
    List<Operation> operations =
        GeneratedRequest.operations(description).stream().filter(op -> !op.isEndless()).toList();
    Integer only = Integer.getInteger("aiopslab.property.only");
    AtomicInteger next = new AtomicInteger(only == null ? 0 : only);
    int end = only == null ? REQUESTS : only + 1;
    long deadline = System.nanoTime() + LONGEST.toNanos();
    Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
    Map<String, Integer> broke = new ConcurrentHashMap<>();
    List<String> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> asking = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      asking.add(
          threads.submit(
              () -> {
                for (int n = next.getAndIncrement();
                    n < end && System.nanoTime() < deadline && failures.size() < 10;
                    n = next.getAndIncrement()) {
                  Random random = new Random(seed * 1_000_003 + n);
                  Operation operation = operations.get(random.nextInt(operations.size()));
                  GeneratedRequest request =
                      GeneratedRequest.of(operation, description, ids, random);
                  try {
                    int status = api.send(request.http(api)).status();
                    statuses.merge(status, 1, Integer::sum);
                    assertThat(status).matches(code -> code < 500 || code == 503, "no defect");
                    String broken = request.brokenPartOf(api.contract());
                    broke.merge(String.valueOf(broken), 1, Integer::sum);
                    if ("method".equals(broken)) {
                      assertThat(status).isIn(405, 406, 415, 503);
                    } else if (broken != null) {
                      assertThat(status)
                          .as("its " + broken + " is not as described")
                          .matches(code -> code < 200 || code > 299, "no success");
                    }
                  } catch (AssertionError | RuntimeException e) {
                    failures.add("request " + n + ": " + request + "\n  " + e);
                  }
                }
              }));
    }
    for (Future<?> one : asking) {
      one.get();
    }
    threads.shutdown();
    System.out.println("OpenApiPropertyIT: not as described: " + new TreeMap<>(broke));
    assertThat(failures).as("with seed %d", seed).isEmpty();
    if (only == null) {
      assertThat(broke).containsKeys("method", "blank", "body");
    }
    return new TreeMap<>(statuses);
  }

  /** Some that exist, so that not everything is a 404. */
  private static List<String> ids(RunningApi api) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(api.submit("{\"problem_id\":\"p\"}").id());
    }
    ids.add(UUID.randomUUID().toString());
    return ids;
  }
}

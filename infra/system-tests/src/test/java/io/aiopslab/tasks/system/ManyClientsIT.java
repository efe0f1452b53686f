package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hundred clients at once. {@code -Dload.seconds=60} for the long version, {@code -Dload.seed} to
 * replay.
 */
@Tag("thorough")
class ManyClientsIT {
  private static final int CLIENTS = 100;
  private static final Duration TIME = Duration.ofSeconds(Long.getLong("load.seconds", 60));
  private static final long SEED = Long.getLong("load.seed", System.nanoTime());

  @Test
  void aHundredClientsMeetNoErrorButTheDocumentedOnes(@TempDir Path directory) throws Exception {
    System.out.println("load.seed=" + SEED + " load.seconds=" + TIME.toSeconds());
    try (RunningSystem system = RunningSystem.start(directory);
        ServiceProcess worker = system.worker("many", "many-a", "many-b")) {
      ServiceMeters meters = new ServiceMeters(system.url());
      run(system, Duration.ofSeconds(5), SEED);
      meters.collectGarbage(system.apiPid());
      double heap = meters.value("jvm_memory_used_bytes", "area=\"heap\"");
      double threads = meters.value("jvm_threads_live_threads", "");

      Set<String> acknowledged = run(system, TIME, SEED + CLIENTS);

      assertThat(rows(system)).containsAll(acknowledged);
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(meters.value("jvm_threads_live_threads", ""))
                      .isLessThanOrEqualTo(threads + 10));
      meters.collectGarbage(system.apiPid());
      assertThat(meters.value("jvm_memory_used_bytes", "area=\"heap\""))
          .isLessThan(heap * 1.3 + 16_000_000);
    }
  }

  private static Set<String> run(RunningSystem system, Duration time, long seed) throws Exception {
    ConcurrentHashMap<String, LongAdder> counts = new ConcurrentHashMap<>();
    HttpClient http = HttpClient.newHttpClient();
    ExecutorService pool = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<List<String>>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(pool.submit(new Trainer(http, system.url(), seed + i, time, counts)));
      }
      Set<String> acknowledged = new HashSet<>();
      for (Future<List<String>> client : clients) {
        acknowledged.addAll(client.get());
      }
      System.out.println(counts);
      assertThat(acknowledged).isNotEmpty();
      return acknowledged;
    } finally {
      pool.shutdownNow();
    }
  }

  private static Set<String> rows(RunningSystem system) {
    return new HashSet<>(
        system.database().sql("SELECT id::text FROM tasks").query(String.class).list());
  }
}

package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.task.Worker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerCountsIT {
  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void eachWorkerIsCountedOnceAndEveryStateIsThere() {
    for (String id : List.of("idle", "busy", "ill", "paused", "draining", "silent")) {
      Worker worker = Store.worker(id);
      store.workers.register(worker);
      store.workers.beat(
          List.of(
              new Worker.Pulse(
                  id,
                  worker.incarnation(),
                  id.equals("idle") || id.equals("ill") ? null : UUID.randomUUID(),
                  id.equals("ill") ? "no room" : null)));
    }
    WorkerControls controls = new WorkerControls(store.sql);
    controls.pause("paused", null);
    controls.drain("draining", null);
    store.age("workers", "last_heartbeat_at", "silent", "1 hour");

    Map<String, Long> counts =
        new WorkerCounts(store.sql)
            .byState(Duration.ofMinutes(1)).stream()
                .collect(Collectors.toMap(WorkerCounts.Count::state, WorkerCounts.Count::workers));
    assertThat(counts)
        .containsOnly(
            Map.entry("idle", 1L),
            Map.entry("busy", 1L),
            Map.entry("quarantined", 1L),
            Map.entry("paused", 1L),
            Map.entry("draining", 1L),
            Map.entry("offline", 1L));
  }
}

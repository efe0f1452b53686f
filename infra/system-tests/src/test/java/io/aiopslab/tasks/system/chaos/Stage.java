package io.aiopslab.tasks.system.chaos;

import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.system.ServiceProcess;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What a fault may reach.
 *
 * @param poison where the ids of unreadable messages are noted
 */
record Stage(ChaosSystem system, Random random, Set<String> poison) {
  private static final String RUNNING =
      "SELECT id::text FROM tasks WHERE status = 'running' AND worker_id IN (:clusters)";

  private static final String LOST =
      "SELECT count(*) FROM tasks WHERE id::text IN (:ids) AND status <> 'running'";

  SingleServers single() {
    return system.servers(SingleServers.class);
  }

  ClusteredServers clustered() {
    return system.servers(ClusteredServers.class);
  }

  <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  ServiceProcess anyApi() {
    return any(system.apis());
  }

  ServiceProcess anyWorker() {
    return any(system.workers());
  }

  ServiceProcess anyCollector() {
    return any(system.collectors());
  }

  /** Waits until the worker runs something, or gives up because there is too little to do. */
  List<String> awaitWork(ServiceProcess worker) {
    long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> !tasksOf(worker).isEmpty() || System.nanoTime() > end);
    return tasksOf(worker);
  }

  private List<String> tasksOf(ServiceProcess worker) {
    return system
        .sql()
        .sql(RUNNING)
        .param("clusters", system.clusters(worker))
        .query(String.class)
        .list();
  }

  /** Waits until somebody else has ended these tasks. */
  void awaitEnded(List<String> ids) {
    if (!ids.isEmpty()) {
      await("tasks %s of a silent worker are ended".formatted(ids))
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  system.sql().sql(LOST).param("ids", ids).query(Integer.class).single()
                      == ids.size());
    }
  }

  /** How long a fault lasts is part of the fault: a random time from one to the other. */
  void last(int leastSeconds, int mostSeconds) {
    long millis = 1000L * leastSeconds + random.nextInt(1000 * (mostSeconds - leastSeconds) + 1);
    await()
        .pollDelay(Duration.ofMillis(millis))
        .atMost(Duration.ofMillis(millis + 5_000))
        .until(() -> true);
  }

  /** SIGKILL, then a new start of the same. */
  void killAndStart(ServiceProcess service) {
    service.kill();
    service.startAgain();
    service.awaitReady();
  }

  /** SIGTERM, then a new start of the same. */
  void terminateAndStart(ServiceProcess service) {
    service.terminate();
    service.startAgain();
    service.awaitReady();
  }
}

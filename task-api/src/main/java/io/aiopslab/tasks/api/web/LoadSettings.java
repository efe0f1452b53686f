package io.aiopslab.tasks.api.web;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How much is taken on at once; what is beyond is answered 503 with Retry-After.
 *
 * @param writes requests that change something, but for those of workers
 * @param workers calls of workers that speak HTTP
 * @param reads requests that do not, and the beginning of waits and streams
 * @param waits requests that wait for a task and may be open at once; they hold no thread
 * @param longestQueueing how long a request may queue for its turn; part of the two seconds after
 *     which everybody hears of a lost database
 * @param longestUpload how long a body may take to come, for which no turn is held
 * @param bodies how much of bodies may be in memory at once: so much of workers', and so much of
 *     others'
 */
@ConfigurationProperties("aiopslab.api.load")
record LoadSettings(
    @DefaultValue Writes writes,
    @DefaultValue Reads reads,
    @DefaultValue Workers workers,
    @DefaultValue("2000") int waits,
    @DefaultValue("500ms") Duration longestQueueing,
    @DefaultValue("30s") Duration longestUpload,
    @DefaultValue("64MB") DataSize bodies) {

  /**
   * @param concurrent how many are worked on at once
   * @param queue how many more may queue
   */
  record Writes(@DefaultValue("24") int concurrent, @DefaultValue("64") int queue) {}

  /**
   * @param concurrent how many are worked on at once
   * @param queue how many more may queue
   */
  record Reads(@DefaultValue("24") int concurrent, @DefaultValue("64") int queue) {}

  /**
   * @param concurrent how many are worked on at once
   * @param queue how many more may queue
   */
  record Workers(@DefaultValue("24") int concurrent, @DefaultValue("128") int queue) {}

  private static final int CONNECTION_SHARE = 4;
  private static final int THREADS_FOR_HEALTH = 10;
  private static final DataSize MOST_BODIES = DataSize.ofMegabytes(1024);

  LoadSettings {
    if (writes.concurrent() < 1
        || reads.concurrent() < 1
        || workers.concurrent() < 1
        || waits < 1) {
      throw new IllegalArgumentException(
          "aiopslab.api.load.writes.concurrent, reads.concurrent, workers.concurrent and waits must"
              + " be at least 1");
    }
    if (writes.queue() < 0
        || reads.queue() < 0
        || workers.queue() < 0
        || longestQueueing.isNegative()) {
      throw new IllegalArgumentException(
          "aiopslab.api.load.writes.queue, reads.queue, workers.queue and longest-queueing must not"
              + " be negative");
    }
    if (longestUpload.toMillis() < 100) {
      throw new IllegalArgumentException("aiopslab.api.load.longest-upload must be at least 100ms");
    }
    if (bodies.toBytes() > MOST_BODIES.toBytes()) {
      throw new IllegalArgumentException(
          "aiopslab.api.load.bodies must be at most " + MOST_BODIES.toMegabytes() + "MB");
    }
  }

  /**
   * @param threads of the web server
   * @param connections of the database's pool
   * @param largestBody of one request
   * @throws IllegalArgumentException if requests would queue where nobody counts them, or a body
   *     would never be taken
   */
  void check(int threads, int connections, DataSize largestBody) {
    if (bodies.compareTo(largestBody) < 0) {
      throw new IllegalArgumentException(
          "aiopslab.api.load.bodies is %s, less than aiopslab.api.size.body, %s: raise it, or lower that"
              .formatted(bodies, largestBody));
    }
    int held =
        writes.concurrent()
            + writes.queue()
            + reads.concurrent()
            + reads.queue()
            + workers.concurrent()
            + workers.queue();
    if (held + THREADS_FOR_HEALTH > threads) {
      throw new IllegalArgumentException(
          "aiopslab.api.load lets %d requests hold a thread, and health checks need %d more, but"
                  .formatted(held, THREADS_FOR_HEALTH)
              + " server.tomcat.threads.max is %d: raise that, or lower concurrent and queue"
                  .formatted(threads));
    }
    int most = Math.max(workers.concurrent(), Math.max(writes.concurrent(), reads.concurrent()));
    if (most > connections * CONNECTION_SHARE) {
      throw new IllegalArgumentException(
          "aiopslab.api.load lets %d requests work at once, more than %d for each of the %d"
                  .formatted(most, CONNECTION_SHARE, connections)
              + " connections of spring.datasource.hikari.maximum-pool-size, where they would only"
              + " wait: raise that, or lower concurrent");
    }
  }
}

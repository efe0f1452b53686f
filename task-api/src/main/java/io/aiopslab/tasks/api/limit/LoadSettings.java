package io.aiopslab.tasks.api.limit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much is taken on at once; what is beyond is answered 503 with Retry-After.
 *
 * @param writes requests that change something
 * @param reads requests that do not, and the beginning of waits and streams
 * @param waits requests that wait for a task and may be open at once; they hold no thread
 * @param longestQueueing how long a request may queue for its turn; part of the two seconds after
 *     which everybody hears of a lost database
 */
@ConfigurationProperties("aiopslab.api.load")
record LoadSettings(
    @DefaultValue Writes writes,
    @DefaultValue Reads reads,
    @DefaultValue("2000") int waits,
    @DefaultValue("500ms") Duration longestQueueing) {

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

  private static final int CONNECTION_SHARE = 4;
  private static final int THREADS_FOR_HEALTH = 10;

  LoadSettings {
    if (writes.concurrent() < 1 || reads.concurrent() < 1 || waits < 1) {
      throw new IllegalArgumentException(
          "aiopslab.api.load.writes.concurrent, reads.concurrent and waits must be at least 1");
    }
    if (writes.queue() < 0 || reads.queue() < 0 || longestQueueing.isNegative()) {
      throw new IllegalArgumentException(
          "aiopslab.api.load.writes.queue, reads.queue and longest-queueing must not be negative");
    }
  }

  /**
   * @param threads of the web server
   * @param connections of the database's pool
   * @throws IllegalArgumentException if requests would queue where nobody counts them
   */
  void check(int threads, int connections) {
    int held = writes.concurrent() + writes.queue() + reads.concurrent() + reads.queue();
    if (held + THREADS_FOR_HEALTH > threads) {
      throw new IllegalArgumentException(
          "aiopslab.api.load lets %d requests hold a thread, and health checks need %d more, but"
                  .formatted(held, THREADS_FOR_HEALTH)
              + " server.tomcat.threads.max is %d: raise that, or lower concurrent and queue"
                  .formatted(threads));
    }
    int most = Math.max(writes.concurrent(), reads.concurrent());
    if (most > connections * CONNECTION_SHARE) {
      throw new IllegalArgumentException(
          "aiopslab.api.load lets %d requests work at once, more than %d for each of the %d"
                  .formatted(most, CONNECTION_SHARE, connections)
              + " connections of spring.datasource.hikari.maximum-pool-size, where they would only"
              + " wait: raise that, or lower concurrent");
    }
  }
}

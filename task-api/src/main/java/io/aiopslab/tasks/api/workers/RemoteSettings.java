package io.aiopslab.tasks.api.workers;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How workers that speak HTTP are served.
 *
 * @param heartbeatInterval how often they are told to beat
 * @param lookInterval how often the claims that wait are looked after, all with one query
 * @param confirmWithin how long a report may wait for the broker to take it before it is answered
 *     503
 * @param outboxCapacity reports that may wait for the broker in memory
 * @param outboxSize bytes of those reports together, at least 8 MB: one has at most 4 MiB
 * @param requeueUnheardAfter how long nothing may be heard of a worker after the answer to its
 *     claim; then the task is pending again. At least two heartbeats
 */
@ConfigurationProperties("aiopslab.remote")
record RemoteSettings(
    @DefaultValue("5s") Duration heartbeatInterval,
    @DefaultValue("100ms") Duration lookInterval,
    @DefaultValue("3s") Duration confirmWithin,
    @DefaultValue("1000") int outboxCapacity,
    @DefaultValue("64MB") DataSize outboxSize,
    @DefaultValue("15s") Duration requeueUnheardAfter) {

  RemoteSettings {
    require(
        heartbeatInterval.toMillis() >= 100
            && heartbeatInterval.compareTo(Duration.ofSeconds(15)) <= 0,
        "heartbeat-interval must be 100ms to 15s, or the collector takes workers for dead");
    require(lookInterval.toMillis() >= 10, "look-interval must be at least 10ms");
    require(
        confirmWithin.toMillis() >= 100 && confirmWithin.compareTo(Duration.ofSeconds(30)) <= 0,
        "confirm-within must be 100ms to 30s: somebody waits for it");
    require(outboxCapacity >= 1, "outbox-capacity must be at least 1");
    require(outboxSize.toMegabytes() >= 8, "outbox-size must be at least 8MB");
    require(
        requeueUnheardAfter.compareTo(heartbeatInterval.multipliedBy(2)) >= 0,
        "requeue-unheard-after must be at least twice heartbeat-interval, or workers that beat lose"
            + " their tasks");
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException("aiopslab.remote." + sentence);
    }
  }
}

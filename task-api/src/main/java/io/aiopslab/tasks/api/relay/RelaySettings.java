package io.aiopslab.tasks.api.relay;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How tickets are sent.
 *
 * @param sweepInterval how long after an overflow or a batch that was not confirmed whole, at most,
 *     missing tickets are sent; after a failure, as soon as the broker is back
 * @param resendLimit up to how many tickets of a backend are then at the broker; workers that find
 *     none poll
 * @param confirmTimeout how long to wait for the broker's answer to a batch
 * @param firstPause pause after the first failure in a row; doubles from there
 * @param longestPause longest pause between two tries
 * @param outboxCapacity tickets that may wait in memory
 * @param batchSize most tickets that are sent before their confirms are waited for
 * @param staleInterval how often tickets are taken away whose tasks were taken or cancelled; every
 *     fifth time short queues are compared with what waits
 */
@ConfigurationProperties("aiopslab.relay")
record RelaySettings(
    @DefaultValue("2s") Duration sweepInterval,
    @DefaultValue("1000") int resendLimit,
    @DefaultValue("5s") Duration confirmTimeout,
    @DefaultValue("200ms") Duration firstPause,
    @DefaultValue("5s") Duration longestPause,
    @DefaultValue("10000") int outboxCapacity,
    @DefaultValue("500") int batchSize,
    @DefaultValue("1s") Duration staleInterval) {

  RelaySettings {
    positive("sweep-interval", sweepInterval);
    positive("confirm-timeout", confirmTimeout);
    positive("stale-interval", staleInterval);
    if (firstPause.toMillis() < 10 || longestPause.compareTo(firstPause) < 0) {
      throw new IllegalArgumentException(
          "aiopslab.relay.first-pause must be at least 10ms and at most longest-pause");
    }
    if (resendLimit < 1 || outboxCapacity < 1 || batchSize < 1) {
      throw new IllegalArgumentException(
          "aiopslab.relay.resend-limit, outbox-capacity and batch-size must be at least 1");
    }
  }

  private static void positive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("aiopslab.relay." + name + " must be longer than nothing");
    }
  }
}

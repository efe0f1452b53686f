package io.aiopslab.tasks.api.follow;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How event streams are served.
 *
 * @param most streams open at once in one instance; one more is answered 503
 * @param interval how often the database is asked for the news of all watched tasks together
 * @param heartbeat silence after which a comment is sent, so that nobody on the way hangs up
 * @param slowest how long a client may leave what was sent unread before it is dropped
 * @param patience how long a line that is missing before others is waited for
 * @param retry what clients are told to wait before they connect again
 */
@ConfigurationProperties("aiopslab.api.streams")
record StreamSettings(
    @DefaultValue("1000") int most,
    @DefaultValue("250ms") Duration interval,
    @DefaultValue("15s") Duration heartbeat,
    @DefaultValue("30s") Duration slowest,
    @DefaultValue("10s") Duration patience,
    @DefaultValue("2s") Duration retry) {

  StreamSettings {
    if (most < 1) {
      throw new IllegalArgumentException("aiopslab.api.streams.most must be at least 1");
    }
    if (interval.toMillis() < 10 || interval.compareTo(Duration.ofSeconds(10)) > 0) {
      throw new IllegalArgumentException(
          "aiopslab.api.streams.interval must be from 10ms to 10s; 250ms shows a line within 500ms");
    }
    if (heartbeat.compareTo(interval) < 0 || slowest.compareTo(interval) < 0) {
      throw new IllegalArgumentException(
          "aiopslab.api.streams.heartbeat and slowest must be at least as long as interval");
    }
    if (patience.isNegative() || retry.isNegative()) {
      throw new IllegalArgumentException(
          "aiopslab.api.streams.patience and retry must not be negative");
    }
  }
}

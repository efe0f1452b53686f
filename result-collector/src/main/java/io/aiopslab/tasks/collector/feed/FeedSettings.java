package io.aiopslab.tasks.collector.feed;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How ended tasks get into the feed; keys begin with {@code aiopslab.collector.feed}.
 *
 * @param interval how often ended tasks are looked for that this collector did not end itself
 * @param patience how long a task whose messages have not all arrived is held back; then it comes
 *     as it is, marked incomplete
 * @param batch most tasks appended in one transaction
 */
@ConfigurationProperties("aiopslab.collector.feed")
record FeedSettings(
    @DefaultValue("25ms") Duration interval,
    @DefaultValue("30s") Duration patience,
    @DefaultValue("500") int batch) {

  FeedSettings {
    if (interval.toMillis() < 5 || interval.compareTo(Duration.ofSeconds(10)) > 0) {
      throw new IllegalArgumentException(
          "aiopslab.collector.feed.interval must be 5ms to 10s, not "
              + interval
              + "; 25ms lets a reader of the feed see a cancel within 100 ms");
    }
    if (patience.isNegative() || patience.compareTo(Duration.ofMinutes(10)) > 0) {
      throw new IllegalArgumentException(
          "aiopslab.collector.feed.patience must be 0s to 10m, not "
              + patience
              + ": trainers wait for what is held back");
    }
    if (batch < 1 || batch > 10_000) {
      throw new IllegalArgumentException(
          "aiopslab.collector.feed.batch must be 1 to 10000, not " + batch);
    }
  }
}

package io.aiopslab.tasks.api.trajectories;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How trajectories are served; keys begin with {@code aiopslab.api.feed}.
 *
 * @param most requests for trajectories open at once in one instance, waiting ones too; one more is
 *     answered 503
 * @param writers how many of them are read from the database and written at once
 * @param slowClients how many clients are waited for besides until they have taken what was
 *     written; when all these places are taken, the slowest has to go
 * @param interval how often the database is asked for news while somebody waits
 * @param looked most ended tasks that one request looks at when its filter leaves many out
 * @param longest time in which a client has to take one answer
 */
@ConfigurationProperties("aiopslab.api.feed")
record FeedSettings(
    @DefaultValue("500") int most,
    @DefaultValue("16") int writers,
    @DefaultValue("64") int slowClients,
    @DefaultValue("25ms") Duration interval,
    @DefaultValue("5000") int looked,
    @DefaultValue("5m") Duration longest) {

  FeedSettings {
    if (most < 1 || writers < 1) {
      throw new IllegalArgumentException(
          "aiopslab.api.feed.most and writers must be at least 1, not " + most + " and " + writers);
    }
    if (slowClients < 0) {
      throw new IllegalArgumentException(
          "aiopslab.api.feed.slow-clients must not be negative, as " + slowClients);
    }
    if (interval.toMillis() < 5 || interval.compareTo(Duration.ofSeconds(10)) > 0) {
      throw new IllegalArgumentException(
          "aiopslab.api.feed.interval must be from 5ms to 10s; 25ms wakes a reader within 100ms");
    }
    if (looked < 1000 || looked > 50_000) {
      throw new IllegalArgumentException(
          "aiopslab.api.feed.looked must be from 1000 to 50000, not "
              + looked
              + ": what takes the database longer than 1.5s is given up");
    }
    if (longest.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("aiopslab.api.feed.longest must be at least 1s");
    }
  }
}

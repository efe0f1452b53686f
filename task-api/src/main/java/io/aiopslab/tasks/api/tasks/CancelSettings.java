package io.aiopslab.tasks.api.tasks;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How workers are told of cancels.
 *
 * @param repeatInterval how often a command is repeated as long as its run has not ended
 * @param lookInterval how often cancels are looked for that somebody else has asked for, as the
 *     collector does for groups with enough usable samples
 * @param confirmTimeout how long to wait for the broker's answer
 */
@ConfigurationProperties("aiopslab.cancel")
record CancelSettings(
    @DefaultValue("5s") Duration repeatInterval,
    @DefaultValue("250ms") Duration lookInterval,
    @DefaultValue("5s") Duration confirmTimeout) {

  CancelSettings {
    if (repeatInterval.toMillis() < 100 || confirmTimeout.toMillis() < 100) {
      throw new IllegalArgumentException(
          "aiopslab.cancel.repeat-interval and confirm-timeout must be at least 100ms");
    }
    if (lookInterval.toMillis() < 50) {
      throw new IllegalArgumentException("aiopslab.cancel.look-interval must be at least 50ms");
    }
  }
}

package io.aiopslab.tasks.api.sessions;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How interactive sessions are served.
 *
 * @param repeatInterval how often a worker is asked again for the answer to a step that somebody
 *     waits for
 * @param confirmTimeout how long to wait for the broker's answer to a command
 * @param waits requests that may wait for an opening or a step at once; but for the first moment of
 *     a few they hold no thread
 */
@ConfigurationProperties("aiopslab.sessions")
record SessionSettings(
    @DefaultValue("2s") Duration repeatInterval,
    @DefaultValue("5s") Duration confirmTimeout,
    @DefaultValue("2000") int waits) {

  SessionSettings {
    if (repeatInterval.toMillis() < 100 || confirmTimeout.toMillis() < 100 || waits < 1) {
      throw new IllegalArgumentException(
          "aiopslab.sessions.repeat-interval and confirm-timeout must be at least 100ms, and waits"
              + " at least 1");
    }
  }
}

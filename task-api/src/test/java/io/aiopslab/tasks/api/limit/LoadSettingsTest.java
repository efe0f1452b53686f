package io.aiopslab.tasks.api.limit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoadSettingsTest {
  private static final LoadSettings DEFAULTS =
      new LoadSettings(
          new LoadSettings.Writes(24, 64),
          new LoadSettings.Reads(24, 64),
          2000,
          Duration.ofSeconds(1));

  @Test
  void theDefaultsFitTheServerAndThePool() {
    assertThatCode(() -> DEFAULTS.check(200, 16)).doesNotThrowAnyException();
  }

  @Test
  void moreThanTheServerHasThreadsForIsRefused() {
    assertThatThrownBy(() -> DEFAULTS.check(180, 16))
        .hasMessageContaining("server.tomcat.threads.max is 180: raise that");
  }

  @Test
  void moreThanThePoolCanServeIsRefused() {
    assertThatThrownBy(() -> DEFAULTS.check(200, 5)).hasMessageContaining("maximum-pool-size");
  }
}

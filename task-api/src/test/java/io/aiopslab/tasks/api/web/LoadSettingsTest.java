package io.aiopslab.tasks.api.web;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class LoadSettingsTest {
  private static final DataSize BODIES = DataSize.ofMegabytes(64);
  private static final LoadSettings DEFAULTS =
      new LoadSettings(
          new LoadSettings.Writes(24, 64),
          new LoadSettings.Reads(24, 64),
          new LoadSettings.Workers(24, 128),
          2000,
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          BODIES);

  @Test
  void theDefaultsFitTheServerAndThePool() {
    assertThatCode(() -> DEFAULTS.check(340, 16, BODIES)).doesNotThrowAnyException();
  }

  @Test
  void moreThanTheServerHasThreadsForIsRefused() {
    assertThatThrownBy(() -> DEFAULTS.check(330, 16, BODIES))
        .hasMessageContaining("server.tomcat.threads.max is 330: raise that");
  }

  @Test
  void moreThanThePoolCanServeIsRefused() {
    assertThatThrownBy(() -> DEFAULTS.check(340, 5, BODIES))
        .hasMessageContaining("maximum-pool-size");
  }

  @Test
  void aBodyThatWouldNeverBeTakenIsRefused() {
    assertThatThrownBy(() -> DEFAULTS.check(340, 16, DataSize.ofMegabytes(65)))
        .hasMessageContaining("aiopslab.api.load.bodies");
  }
}

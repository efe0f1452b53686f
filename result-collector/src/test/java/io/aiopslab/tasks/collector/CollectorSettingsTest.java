package io.aiopslab.tasks.collector;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CollectorSettingsTest {
  @Test
  void refusesAGraceThatWorkersCannotKeep() {
    assertThatThrownBy(() -> settings(250, 5, 45, 15, 5)).hasMessageContaining("kill-grace");
  }

  @Test
  void refusesALimitThatAnUnnoticedOutageExceeds() {
    assertThatThrownBy(() -> settings(250, 60, 15, 5, 5)).hasMessageContaining("4 x");
  }

  @Test
  void refusesToSettleLongerThanToBeLost() {
    assertThatThrownBy(() -> settings(250, 60, 45, 46, 5)).hasMessageContaining("settle");
  }

  @Test
  void refusesEmptyBatches() {
    assertThatThrownBy(() -> settings(0, 60, 45, 15, 5)).hasMessageContaining("batch-size");
  }

  @Test
  void refusesACancelGraceThatWorkersCannotKeep() {
    Duration grace = Duration.ofSeconds(60);
    Duration tooShort = Duration.ofSeconds(10);
    Duration batchWait = Duration.ofMillis(20);
    Duration interval = Duration.ofSeconds(5);
    assertThatThrownBy(
            () -> new CollectorSettings(250, batchWait, grace, grace, interval, interval, tooShort))
        .hasMessageContaining("cancel-grace")
        .hasMessageContaining("kill-grace");
  }

  private static CollectorSettings settings(
      int batch, int grace, int lost, int settle, int interval) {
    return new CollectorSettings(
        batch,
        Duration.ofMillis(20),
        Duration.ofSeconds(grace),
        Duration.ofSeconds(lost),
        Duration.ofSeconds(settle),
        Duration.ofSeconds(interval),
        Duration.ofSeconds(grace));
  }
}

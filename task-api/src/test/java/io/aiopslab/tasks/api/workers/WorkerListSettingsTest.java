package io.aiopslab.tasks.api.workers;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerListSettingsTest {
  @Test
  void aWorkerThatIsWellIsNeverOffline() {
    new WorkerListSettings(Duration.ofSeconds(16));
    assertThatThrownBy(() -> new WorkerListSettings(Duration.ofSeconds(15)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("offline-after must be longer than 15s");
  }
}

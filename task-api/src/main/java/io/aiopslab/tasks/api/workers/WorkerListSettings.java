package io.aiopslab.tasks.api.workers;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How workers are shown.
 *
 * @param offlineAfter how old the last heartbeat of a worker may be, by the database's clock,
 *     before it is shown as offline; as {@code aiopslab.collector.lost-worker-after}, which fails
 *     its task
 */
@ConfigurationProperties("aiopslab.worker-list")
public record WorkerListSettings(@DefaultValue("45s") Duration offlineAfter) {
  private static final Duration RAREST_HEARTBEAT = Duration.ofSeconds(15);

  public WorkerListSettings {
    if (offlineAfter.compareTo(RAREST_HEARTBEAT) <= 0) {
      throw new IllegalArgumentException(
          "aiopslab.worker-list.offline-after must be longer than 15s: a worker that is well may"
              + " be silent for that long");
    }
  }
}

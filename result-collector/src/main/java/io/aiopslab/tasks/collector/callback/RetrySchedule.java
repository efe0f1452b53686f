package io.aiopslab.tasks.collector.callback;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.stereotype.Component;

/** When to try again, 20 % earlier or later, so that callbacks that failed together part. */
@Component
final class RetrySchedule {
  private static final double JITTER = 0.2;

  private final CallbackSettings settings;

  RetrySchedule(CallbackSettings settings) {
    this.settings = settings;
  }

  /**
   * @param failures in a row, with the one just now
   * @return empty when there is no further try
   */
  Optional<Duration> after(int failures) {
    if (failures > settings.retryAfter().size()) {
      return Optional.empty();
    }
    long millis = settings.retryAfter().get(failures - 1).toMillis();
    double factor = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    return Optional.of(Duration.ofMillis(Math.round(millis * factor)));
  }
}

package io.aiopslab.tasks.collector.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallbackSettingsTest {
  @Test
  void triesForThreeDaysByDefault() {
    CallbackSettings settings = Settings.of();
    assertThat(settings.retryAfter()).hasSize(9).startsWith(Duration.ofSeconds(5));
    assertThat(settings.retryAfter().stream().reduce(Duration.ZERO, Duration::plus))
        .isGreaterThan(Duration.ofDays(3));
    assertThat(settings.allowed()).isEmpty();
    assertThat(settings.maxBody().toMegabytes()).isEqualTo(1);
  }

  @Test
  void neverShowsTheSecret() {
    assertThat(Settings.of("secret", "whsec_abcdef").toString()).doesNotContain("abcdef");
  }

  @ParameterizedTest
  @CsvSource({
    "lease, 19s, 2 x deadline",
    "deadline, 3m, 100ms to 2m",
    "connect-timeout, 11s, connect-timeout",
    "per-host, 17, concurrency",
    "concurrency, 0, 1 to 256",
    "max-body, 1KB, 16KB",
    "poll-interval, 0s, poll-interval",
    "retry-after, -1s, negative"
  })
  void refusesWhatIsUnsafe(String key, String value, String expected) {
    assertThatThrownBy(() -> Settings.of(key, value)).hasStackTraceContaining(expected);
  }
}

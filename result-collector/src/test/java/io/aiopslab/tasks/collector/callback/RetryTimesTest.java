package io.aiopslab.tasks.collector.callback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTimesTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  @RepeatedTest(20)
  void eachWaitIsAFifthLongerOrShorter() {
    RetrySchedule schedule = new RetrySchedule(Settings.of());
    assertThat(schedule.after(1).orElseThrow())
        .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));
    assertThat(schedule.after(9).orElseThrow())
        .isBetween(Duration.ofMinutes(19 * 60 + 12), Duration.ofMinutes(28 * 60 + 48));
  }

  @Test
  void theTenthFailureIsTheLast() {
    assertThat(new RetrySchedule(Settings.of()).after(10)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "' 120 ', PT2M",
    "86401, PT24H",
    "999999999999999999, PT24H",
    "'Mon, 23 Nov 2026 10:00:30 GMT', PT30S",
    "'Mon, 23 Nov 2026 09:00:00 GMT', PT0S",
    "'Wed, 23 Nov 2050 09:00:00 GMT', PT24H"
  })
  void retryAfterIsSecondsOrADateAndAtMostADay(String header, Duration expected) {
    assertThat(RetryAfter.parse(header, NOW)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1.5", "2026-11-23T10:00:30Z", "99999999999999999999"})
  void retryAfterThatSaysNothingIsIgnored(String header) {
    assertThat(RetryAfter.parse(header, NOW)).isEmpty();
  }

  @Test
  void noRetryAfterIsNone() {
    assertThat(RetryAfter.parse(null, NOW)).isEmpty();
  }
}

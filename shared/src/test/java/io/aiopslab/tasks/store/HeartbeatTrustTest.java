package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HeartbeatTrustTest {
  private Instant now = Instant.parse("2026-11-23T10:00:00Z");
  private final HeartbeatTrust trust =
      new HeartbeatTrust(() -> now, Duration.ofSeconds(15), Duration.ofSeconds(45));

  @Test
  void comesAfterOneLimitOfUnbrokenContact() {
    assertThat(trust.afterContact()).isFalse();
    for (int second = 5; second < 45; second += 5) {
      assertThat(contactAfter(5)).isFalse();
    }
    assertThat(contactAfter(5)).isTrue();
  }

  @Test
  void endsWithAnOutageAndComesAgain() {
    comesAfterOneLimitOfUnbrokenContact();
    assertThat(contactAfter(15)).isTrue();
    assertThat(contactAfter(16)).isFalse();
    assertThat(contactAfter(15)).isFalse();
    assertThat(contactAfter(15)).isFalse();
    assertThat(contactAfter(15)).isTrue();
  }

  @Test
  void endsWhenTheClockIsSetBack() {
    comesAfterOneLimitOfUnbrokenContact();
    assertThat(contactAfter(-1)).isFalse();
  }

  private boolean contactAfter(int seconds) {
    now = now.plusSeconds(seconds);
    return trust.afterContact();
  }
}

package io.aiopslab.tasks.api.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WaitTimeTest {
  @Test
  void unitsAreUnderstood() {
    assertThat(WaitTime.parse(null)).isZero();
    assertThat(WaitTime.parse("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(WaitTime.parse("60s")).isEqualTo(WaitTime.parse("1m"));
  }

  @Test
  void otherFormsAndLongerTimesAreRefused() {
    for (String text :
        new String[] {"", "5", "1.5s", "-1s", "61s", "2m", "60001ms", "1 s", "PT1S"}) {
      assertThatThrownBy(() -> WaitTime.parse(text)).as(text).isInstanceOf(Refusal.class);
    }
  }
}

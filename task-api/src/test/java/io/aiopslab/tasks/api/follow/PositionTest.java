package io.aiopslab.tasks.api.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.api.web.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
  @Test
  void whatIsWrittenIsRead() {
    for (Position position :
        new Position[] {
          Position.START,
          new Position(41, 7, "running", 31),
          new Position(Long.MAX_VALUE / 100, 5, Position.END, -1)
        }) {
      assertThat(Position.parse(position.toString())).isEqualTo(position);
    }
    assertThat(Position.parse(null)).isEqualTo(Position.START);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "1.1.running", "-2.0.none.0", "0.0.gone.0", "0.0.none.xyz", " "})
  void anythingElseIsRefused(String id) {
    assertThatThrownBy(() -> Position.parse(id)).isInstanceOf(Refusal.class);
  }
}

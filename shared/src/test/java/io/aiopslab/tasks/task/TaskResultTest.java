package io.aiopslab.tasks.task;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskResultTest {
  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aNumberThatJsonCannotSayIsRefusedByItsName(double number) {
    assertThatThrownBy(
            () ->
                new TaskResult(
                    null, null, null, Map.of(), Map.of("ttd", number), null, null, null, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ttd must be a finite number");
  }
}

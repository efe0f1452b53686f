package io.aiopslab.tasks.api.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.message.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnceTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "sch\u00f6n", "a\tb", "a\nb", "\u007f"})
  void keyIsPrintableAscii(String key) {
    assertThatThrownBy(() -> Once.of(key, "task", "body"))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("Idempotency-Key");
  }

  @Test
  void noKeyIsNoPromise() {
    assertThat(Once.of(null, "task", "body")).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":1,\"b\":{\"c\":2,\"d\":3}} | {\"b\":{\"d\":3,\"c\":2},\"a\":1}",
        "[1.50, 100, 0] | [15e-1, 1e2, 0.0]",
        "[ null , true ] | [null,true]"
      })
  void writingMakesNoDifference(String one, String other) {
    assertThat(hash(one)).isEqualTo(hash(other));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1, 2] | [2, 1]",
        "[12] | [1, 2]",
        "[\"1\"] | [1]",
        "[\"ab\", \"c\"] | [\"a\", \"bc\"]",
        "{\"a\":null} | {}",
        "{\"a\":\"b\"} | [\"a\", \"b\"]",
        "[[1], 2] | [[1, 2]]",
        "[\"null\"] | [null]"
      })
  void meaningMakesADifference(String one, String other) {
    assertThat(hash(one)).isNotEqualTo(hash(other));
  }

  /** Stored ones are compared with it for good. */
  @Test
  void formStays() {
    assertThat(hash("{\"b\":[1.50,\"x\"],\"a\":true}"))
        .isEqualTo("232fdf569379b6b942426cf6cca6ce57ad3e37553b76768b817c82e8c4a8d0cf");
  }

  private static String hash(String json) {
    return CanonicalHash.of("task", Json.mapper().readTree(json));
  }
}

package io.aiopslab.tasks.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.message.Json;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogLevelTest {

  /**
   * Python's logging, syslog (RFC 5424), java.util.logging, log4j; and what tools print for short.
   */
  @ParameterizedTest
  @CsvSource({
    "debug, 'DEBUG NOTSET TRACE VERBOSE FINE FINER FINEST CONFIG'",
    "info, 'INFO INFORMATION INFORMATIONAL NOTICE'",
    "warning, 'WARNING WARN'",
    "error, 'ERROR ERR ERRO SEVERE CRITICAL CRIT ALERT EMERG EMERGENCY PANIC FATAL FATA'"
  })
  void isUnderstoodAsOthersSayIt(String level, String words) {
    for (String word : words.split(" ", -1)) {
      for (String written : new String[] {word, word.toLowerCase(Locale.ROOT)}) {
        assertThat(LogLevel.fromWire(written).wire()).as(written).isEqualTo(level);
        assertThat(LogLevel.ofWord(written)).as(written).isEqualTo(LogLevel.fromWire(level));
        assertThat(Json.mapper().readValue("\"" + written + "\"", LogLevel.class).wire())
            .isEqualTo(level);
      }
    }
    assertThat(Json.mapper().writeValueAsString(LogLevel.fromWire(level)))
        .isEqualTo("\"" + level + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "loud", "debug ", "30", "WARNINGS"})
  void anotherWordIsNoLevel(String word) {
    assertThat(LogLevel.ofWord(word)).isNull();
    assertThatThrownBy(() -> LogLevel.fromWire(word))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("debug, info, warning or error");
  }

  @Test
  void aLocaleChangesNothing() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(LogLevel.fromWire("INFO")).isEqualTo(LogLevel.INFO);
    } finally {
      Locale.setDefault(before);
    }
  }
}

package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.task.LogLevel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LevelGuessTest {
  private final LevelGuess levels = new LevelGuess();

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "debug~DEBUG: m",
        "debug~[DEBUG] m",
        "debug~2026-11-23 10:00:00,123 DEBUG m",
        "info~INFO:     Started server process [7]",
        "info~I1123 10:00:00.123456   77 main.go:3] error in the text",
        "warning~WARN m",
        "warning~WARN[0000] /compose.yaml: obsolete",
        "warning~WARNING:root:m",
        "warning~warning: unused",
        "warning~Warning: resource is missing an annotation",
        "warning~W1123 10:00:00.123456   77 warnings.go:70] deprecated",
        "warning~time=\"2026-11-23T10:00:00Z\" level=warning msg=\"m\"",
        "error~ERROR: m",
        "error~ERROR",
        "error~ERROR m",
        "error~[ERROR] m",
        "error~[error    ] m",
        "error~[10:00:00] [main] [ERROR] m",
        "error~[2026-11-23 10:00:00] ERROR m",
        "error~2026-11-23T10:00:00.123Z ERROR 77 --- [main] c.Main : m",
        "error~2026-11-23 10:00:00.123 | ERROR    | main:run:7 - m",
        "error~2026-11-23 10:00:00,123 - aiopslab.orchestrator - ERROR - m",
        "error~10:00:00 [worker-1] ERROR m",
        "error~level=error msg=m",
        "error~level=\"error\" msg=m",
        "error~CRITICAL:root:m",
        "error~SEVERE: m",
        "error~CRIT m",
        "error~[ALERT] m",
        "error~level=panic msg=m",
        "info~NOTICE: m",
        "debug~TRACE m",
        "debug~FINE: m",
        "error~FATAL m",
        "error~fatal: not a git repository",
        "error~E1123 10:00:00.123456   77 main.go:3] m",
        "error~F1123 10:00:00.123456   77 main.go:3] m",
        "error~Error: INSTALLATION FAILED: cannot re-use a name",
        "error~error: the server doesn't have a resource type \"x\"",
        "error~Error from server (NotFound): pods \"x\" not found",
        "error~Error response from daemon: No such container: x",
        "error~Exception in thread \"main\" java.lang.IllegalStateException: m",
        "error~Unhandled exception: m",
        "error~Unhandled exception in thread"
      })
  void aLineBeginsWithItsLevel(String level, String line) {
    assertThat(levels.of(line)).isEqualTo(LogLevel.fromWire(level));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "text",
        "  indented",
        "no ERROR: here",
        "ERRORS were not found",
        "ERROR=0 FAILED=0",
        "Errors: 0",
        "error in the text",
        "Error handling is on",
        "Exceptions are rare",
        "Information: m",
        "E1123 is a code",
        "E1123 10-00-00 m",
        "[errors] m",
        "[no end",
        "]",
        "|",
        "-",
        "10:00:00",
        "2026-11-23 the ERROR came late",
        "level=loud m"
      })
  void anythingElseIsInfo(String line) {
    assertThat(levels.of(line)).isEqualTo(LogLevel.INFO);
  }

  @Test
  void aTracebackIsOneError() {
    assertLevels(
        "info~before",
        "error~Traceback (most recent call last):",
        "error~  File \"x.py\", line 1, in <module>",
        "error~    warning: looks_like_a_level()",
        "error~ValueError: bad",
        "error~  with more of it",
        "info~",
        "error~During handling of the above exception, another exception occurred:",
        "info~",
        "error~Traceback (most recent call last):",
        "error~  File \"x.py\", line 2, in <module>",
        "error~requests.exceptions.HTTPError: 404",
        "info~after: this",
        "error~Traceback (most recent call last):",
        "error~  File \"x.py\", line 3, in <module>",
        "error~KeyboardInterrupt",
        "error~  an indented line",
        "info~after");
  }

  @Test
  void anotherThreadsLineDoesNotBecomeATraceback() {
    assertLevels(
        "error~Traceback (most recent call last):",
        "error~  File \"x.py\", line 1, in <module>",
        "info~INFO:root:still here",
        "info~plain words");
  }

  @Test
  void indentedLinesContinueAnErrorOrAWarning() {
    assertLevels(
        "warning~WARNING: m",
        "warning~  more",
        "warning~\tand more",
        "info~no more",
        "info~  and this",
        "error~  ERROR: m",
        "error~  more",
        "info~",
        "info~  a new paragraph",
        "info~INFO: m",
        "info~  more");
  }

  @Test
  void aLongLineCostsLittle() {
    List<String> hostile =
        List.of(
            "[".repeat(16384),
            "[]".repeat(8192),
            "10:00 ".repeat(3000),
            " ".repeat(16384),
            "a.".repeat(8192),
            "-".repeat(16384));
    Assertions.assertTimeout(
        Duration.ofSeconds(5),
        () -> {
          for (String line : hostile) {
            for (int i = 0; i < 5000; i++) {
              levels.of(line);
            }
          }
        });
  }

  private void assertLevels(String... lines) {
    for (String line : lines) {
      String[] expected = line.split("~", 2);
      assertThat(levels.of(expected[1]).wire()).as(line).isEqualTo(expected[0]);
    }
  }
}

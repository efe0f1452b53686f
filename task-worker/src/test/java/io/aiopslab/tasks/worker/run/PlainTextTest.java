package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "plain [31m text|plain [31m text",
        "E[31mredE[0m and E[1;4;38;5;196mboldE[m|red and bold",
        "E[2KE[1GE[?25lhere|here",
        "E]0;a titleBtext|text",
        "E]8;;https://x.exampleE\\linkE]8;;E\\|link",
        "EPqdataE\\text|text",
        "E(Btext|text",
        "E7textE8|text",
        "cut E[38;5|cut ",
        "cut E|cut ",
        "cut E]0;no end|cut 0;no end",
        "E[31üx|üx"
      })
  void escapeSequencesAreRemoved(String printed, String text) {
    String line = printed.replace('E', '\u001B').replace('B', '\u0007');
    if (printed.startsWith("E(B")) {
      line = "\u001B(Btext";
    }
    assertThat(PlainText.of(line)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "one,one",
    "10%R20%R100%,100%",
    "10%R20%R,20%",
    "10%RRR,10%",
    "R,''",
    "'',''",
    "Rlast,last"
  })
  void whatWasWrittenOverIsGone(String printed, String text) {
    assertThat(PlainText.lastOverwrite(printed.replace('R', '\r'))).isEqualTo(text);
  }

  @Test
  void aHostileLineCostsLittle() {
    String[] hostile = {"\u001B]", "\u001B[", "\u001B[1;", "\u001BP\u001B", "\u001B"};
    Assertions.assertTimeout(
        Duration.ofSeconds(2),
        () -> {
          for (String piece : hostile) {
            assertThat(PlainText.of(piece.repeat(500_000))).hasSizeLessThan(500_001);
          }
        });
  }
}

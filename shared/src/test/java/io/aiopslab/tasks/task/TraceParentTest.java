package io.aiopslab.tasks.task;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  @ParameterizedTest
  @ValueSource(strings = {"-01", "-00"})
  void isWrittenAsItWasRead(String flags) {
    String header = "00-" + TRACE + "-" + SPAN + flags;
    TraceParent read = requireNonNull(TraceParent.parse(header));
    assertThat(read).isEqualTo(new TraceParent(TRACE, SPAN, flags.equals("-01")));
    assertThat(read.header()).isEqualTo(header);
  }

  @Test
  void flagsThatNobodyKnowsAreNotPassedOn() {
    TraceParent read = requireNonNull(TraceParent.parse("00-" + TRACE + "-" + SPAN + "-ff"));
    assertThat(read.header()).endsWith("-01");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "00-" + TRACE + "-" + SPAN,
        "00-" + TRACE + "-" + SPAN + "-1",
        "00-" + TRACE + "-" + SPAN + "-01\n",
        "00-" + TRACE + "-" + SPAN + "-01-x",
        "01-" + TRACE + "-" + SPAN + "-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-" + TRACE + "_" + SPAN + "-01",
      })
  void anythingElseIsIgnored(@Nullable String header) {
    assertThat(TraceParent.parse(header)).isNull();
  }
}

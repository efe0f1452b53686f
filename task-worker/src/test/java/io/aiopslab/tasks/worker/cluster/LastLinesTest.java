package io.aiopslab.tasks.worker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LastLinesTest {
  private static final String KLOG = "E1123 13:17:11.703030   25387 memcache.go:265] \"Unhandled\"";

  @Test
  void fitIntoASentence() {
    assertThat(LastLines.of("")).isEqualTo("it gave no reason");
    assertThat(LastLines.of(" one\n\r\n  two\n")).isEqualTo("one; two");
    assertThat(LastLines.of("x".repeat(5000) + "end")).hasSizeLessThan(350).endsWith("xend");
  }

  @Test
  void aReasonInWordsComesBeforeALog() {
    assertThat(LastLines.of(KLOG + "\n" + KLOG + "\nThe connection to the server was refused"))
        .isEqualTo("The connection to the server was refused");
    assertThat(LastLines.of(KLOG)).isEqualTo(KLOG);
  }
}

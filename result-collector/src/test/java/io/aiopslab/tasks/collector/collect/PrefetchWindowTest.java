package io.aiopslab.tasks.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefetchWindowTest {
  private static final int MEGABYTE = 1 << 20;

  private final PrefetchWindow window = new PrefetchWindow(300, 32L * MEGABYTE);
  private final Object channel = new Object();

  @Test
  void growsWithSmallMessagesAndThenStays() {
    assertThat(IntStream.range(0, 6).map(i -> window.after(channel, 500)))
        .containsExactly(64, 128, 256, 300, 0, 0);
  }

  @Test
  void shrinksAtOnceAndLetsAHugeMessageThrough() {
    IntStream.range(0, 4).forEach(i -> window.after(channel, 500));
    assertThat(window.after(channel, MEGABYTE)).isEqualTo(32);
    assertThat(window.after(channel, 100 * MEGABYTE)).isEqualTo(1);
    assertThat(window.after(channel, 0)).isEqualTo(2);
  }

  @Test
  void beginsAnewWithEachChannel() {
    IntStream.range(0, 4).forEach(i -> window.after(channel, 500));
    assertThat(window.after(new Object(), 500)).isEqualTo(64);
  }
}

package io.aiopslab.tasks.api.look;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LookRoundsTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void goesOnWhateverARoundThrows(boolean anError) throws InterruptedException {
    AtomicInteger rounds = new AtomicInteger();
    CountDownLatch third = new CountDownLatch(1);
    LookRounds looks =
        new LookRounds(
            "test-rounds",
            Duration.ofMillis(1),
            () -> false,
            () -> {
              if (rounds.incrementAndGet() == 3) {
                third.countDown();
              }
              if (anError) {
                throw new StackOverflowError("as if");
              }
              throw new IllegalStateException("as if");
            });
    looks.start();
    try {
      assertThat(third.await(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      looks.stop();
    }
  }

  @Test
  void looksOnlyWhileSomebodyWaits() throws InterruptedException {
    CountDownLatch looked = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    LookRounds looks =
        new LookRounds(
            "test-rounds", Duration.ofMillis(1), () -> waiting.get() == 0, looked::countDown);
    looks.start();
    try {
      assertThat(looked.getCount()).isEqualTo(1);
      waiting.incrementAndGet();
      looks.begin();
      assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      looks.stop();
    }
  }
}

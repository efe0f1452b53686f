package io.aiopslab.tasks.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.health.contributor.Status;

class LoopTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
  private final Loops loops = new Loops(beans, meters);
  private final AtomicInteger rounds = new AtomicInteger();

  @AfterEach
  void stop() {
    beans.getBeansOfType(Loop.class).values().forEach(Loop::stop);
  }

  private Loop.Builder loop() {
    return loops.loop("tested").pausing(Duration.ofMillis(10), Duration.ofMillis(10));
  }

  private void awaitRounds(int count) {
    await().atMost(PATIENCE).until(() -> rounds.get() >= count);
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new StackOverflowError("as if"), new IllegalStateException("as if"), new IOException());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void goesOnWhateverAStepThrows(Throwable failure) {
    loop()
        .every(NEVER)
        .repeat(
            () -> {
              if (rounds.incrementAndGet() <= 2) {
                throwIt(failure);
              }
              return false;
            })
        .start();
    awaitRounds(3);
    await().atMost(PATIENCE).until(() -> loops.health().getStatus().equals(Status.UP));
    assertThat(meters.get("aiopslab.loop.rounds").tag("outcome", "failed").timer().count())
        .isEqualTo(2);
  }

  private static void throwIt(Throwable failure) throws Exception {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (Exception) failure;
  }

  @Test
  void aLoopThatFailsIsShownWithItsReason() {
    loop()
        .every(NEVER)
        .run(
            () -> {
              rounds.incrementAndGet();
              throw new IllegalStateException("the reason");
            })
        .start();
    awaitRounds(3);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(loops.health().getDetails().toString()).contains("the reason"));
    assertThat(loops.health().getStatus()).isEqualTo(Status.UNKNOWN);
    assertThat(meters.get("aiopslab.loop.failures").gauge().value()).isPositive();
  }

  @Test
  void isWokenBeforeItsTime() {
    Loop loop = loop().every(NEVER).run(rounds::incrementAndGet);
    loop.start();
    awaitRounds(1);
    loop.wake();
    awaitRounds(2);
  }

  /** Also while a round goes on: it may have looked already. */
  @Test
  void aWakeDuringARoundIsNotLost() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Loop loop =
        loop()
            .every(NEVER)
            .repeat(
                () -> {
                  rounds.incrementAndGet();
                  begun.countDown();
                  release.await();
                  return false;
                });
    loop.start();
    assertThat(begun.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    loop.wake();
    release.countDown();
    awaitRounds(2);
  }

  @Test
  void goesOnAtOnceWhileThereIsMore() {
    loop().every(NEVER).repeat(() -> rounds.incrementAndGet() < 100).start();
    awaitRounds(100);
  }

  @Test
  void restsWhileNobodyNeedsIt() {
    AtomicBoolean needed = new AtomicBoolean();
    Loop loop =
        loop().every(Duration.ofMillis(1)).onlyWhile(needed::get).run(rounds::incrementAndGet);
    loop.start();
    loop.wake();
    assertThat(rounds).hasValue(0);
    needed.set(true);
    loop.wake();
    awaitRounds(3);
  }

  @Test
  void stopsInTheMiddleOfARestAndDoesItsLastThing() {
    List<String> said = new CopyOnWriteArrayList<>();
    Loop loop = loop().every(NEVER).lastly(() -> said.add("lastly")).run(rounds::incrementAndGet);
    loop.start();
    awaitRounds(1);
    loop.stop(() -> said.add("stopped"));
    await().atMost(PATIENCE).until(() -> said.size() == 2);
    assertThat(said).containsExactly("lastly", "stopped");
    assertThat(loop.isRunning()).isFalse();
  }

  @Test
  void beginsOnceWhatItNeedsIsThere() {
    AtomicInteger tries = new AtomicInteger();
    loop()
        .every(NEVER)
        .after(
            () -> {
              if (tries.incrementAndGet() < 3) {
                throw new IllegalStateException("not there");
              }
            })
        .run(rounds::incrementAndGet)
        .start();
    awaitRounds(1);
    assertThat(tries).hasValue(3);
  }
}

package io.aiopslab.tasks.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;

class WaitsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
  private final Loops loops = new Loops(beans, new SimpleMeterRegistry());
  private final Set<String> met = ConcurrentHashMap.newKeySet();
  private final AtomicInteger looks = new AtomicInteger();
  private final Map<String, String> heard = new ConcurrentHashMap<>();
  private final Waits<String> waits =
      new Waits<>(loops.loop("tested"), Duration.ofMillis(5), this::look, Runnable::run);

  private Collection<String> look(List<String> waited) {
    looks.incrementAndGet();
    if (met.contains("nothing can be seen")) {
      throw new IllegalStateException("as if");
    }
    return waited.stream().filter(met::contains).toList();
  }

  private Loop loop() {
    return beans.getBean(Loop.class);
  }

  @AfterEach
  void stop() {
    loop().stop();
  }

  private void await(String key, Duration longest) {
    waits.until(
        key,
        longest,
        () -> false,
        new Waits.Waiter() {
          @Override
          public void met() {
            heard.merge(key, "met", String::concat);
          }

          @Override
          public void over() {
            heard.merge(key, "over", String::concat);
          }

          @Override
          public void failed(RuntimeException e) {
            heard.merge(key, "failed", String::concat);
          }
        });
  }

  private void awaitHeard(Map<String, String> expected) {
    Awaitility.await().atMost(PATIENCE).until(() -> heard.equals(expected));
  }

  @Test
  void eachHearsOnceWhatHasComeOfIt() {
    loop().start();
    await("a", PATIENCE);
    await("b", PATIENCE);
    await("c", Duration.ofMillis(20));
    awaitHeard(Map.of("c", "over"));
    met.add("b");
    awaitHeard(Map.of("b", "met", "c", "over"));
    met.add("a");
    awaitHeard(Map.of("a", "met", "b", "met", "c", "over"));
    assertThat(waits.size()).isZero();
  }

  @Test
  void whoseTimeIsOverHearsThatNobodyCouldTell() {
    met.add("nothing can be seen");
    loop().start();
    await("a", Duration.ofMillis(20));
    await("b", PATIENCE);
    awaitHeard(Map.of("a", "failed"));
    met.remove("nothing can be seen");
    met.add("b");
    awaitHeard(Map.of("a", "failed", "b", "met"));
  }

  @Test
  void nobodyIsLeftWaitingAtAStop() {
    loop().start();
    await("a", PATIENCE);
    loop().stop();
    awaitHeard(Map.of("a", "over"));
    await("late", PATIENCE);
    awaitHeard(Map.of("a", "over", "late", "over"));
  }

  @Test
  void looksOnlyWhileSomebodyWaits() {
    loop().start();
    AtomicInteger gone = new AtomicInteger();
    waits.until(
        "left",
        PATIENCE,
        () -> gone.get() > 0,
        new Waits.Waiter() {
          @Override
          public void met() {}

          @Override
          public void over() {}
        });
    Awaitility.await().atMost(PATIENCE).until(() -> looks.get() > 3);
    gone.incrementAndGet();
    Awaitility.await().atMost(PATIENCE).until(() -> waits.size() == 0);
    int before = looks.get();
    met.add("new");
    await("new", PATIENCE);
    awaitHeard(Map.of("new", "met"));
    assertThat(looks.get() - before).isEqualTo(1);
  }
}

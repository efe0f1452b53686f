package io.aiopslab.tasks.collector.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.task.CallbackError;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HostGuardsTest {
  private static final Answer GOOD = Answer.of(Duration.ZERO, 200, null);
  private static final Answer BAD = Answer.of(Duration.ZERO, 500, null);
  private static final Answer REFUSED =
      Answer.none(Duration.ZERO, CallbackError.ADDRESS_REFUSED, "");

  @Test
  void aHostGetsOnlySoManyAtOnce() {
    HostGuards guards = new HostGuards(Settings.of("per-host", "2"));
    assertThat(guards.of("a").tryEnter()).isTrue();
    assertThat(guards.of("a").tryEnter()).isTrue();
    assertThat(guards.of("a").tryEnter()).isFalse();
    assertThat(guards.withoutRoom()).containsExactly("a");
    assertThat(guards.of("b").tryEnter()).isTrue();
    guards.of("a").leave(GOOD);
    assertThat(guards.withoutRoom()).isEmpty();
    guards.of("a").abandon();
    assertThat(guards.of("a").tryEnter()).isTrue();
  }

  @Test
  void aFailingHostIsLeftAloneForAWhile() {
    HostGuards guards = new HostGuards(Settings.of("breaker-calls", "5", "breaker-pause", "50ms"));
    HostGuard guard = guards.of("a");
    call(guard, BAD, 5);
    assertThat(guard.tryEnter()).isFalse();
    assertThat(guards.withoutRoom()).containsExactly("a");
    await().until(guard::hasRoom);
    call(guard, GOOD, 4);
    call(guard, BAD, 4);
    assertThat(guard.hasRoom()).isTrue();
  }

  @Test
  void whatIsRefusedHereSaysNothingAboutTheHost() {
    HostGuard guard = new HostGuards(Settings.of("breaker-calls", "2")).of("a");
    call(guard, REFUSED, 10);
    call(guard, Answer.of(Duration.ZERO, 404, null), 10);
    assertThat(guard.hasRoom()).isTrue();
  }

  @Test
  void onlySoManyHostsAreRemembered() {
    HostGuards guards = new HostGuards(Settings.of("per-host", "1"));
    assertThat(guards.of("first").tryEnter()).isTrue();
    for (int i = 0; i < HostGuards.MOST_HOSTS; i++) {
      guards.of("host" + i);
    }
    assertThat(guards.withoutRoom()).isEmpty();
  }

  private static void call(HostGuard guard, Answer answer, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(guard.tryEnter()).isTrue();
      guard.leave(answer);
    }
  }
}

package io.aiopslab.tasks.api.follow;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.TaskProgress;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FollowerTest {
  private static final Instant THEN = Instant.parse("2026-11-23T08:00:00Z");

  /** What another instance computes, which is another JVM: so a number stands here. */
  @Test
  void progressHasTheSameFingerprintEverywhere() {
    Map<String, Double> metrics = Map.of("in_tokens", 3.0);
    assertThat(Follower.fingerprint(new TaskProgress(Phase.RUNNING, 2, metrics, THEN)))
        .isEqualTo(2131008496);
    assertThat(
            Stream.of(Phase.values())
                .map(phase -> Follower.fingerprint(new TaskProgress(phase, 2, metrics, THEN))))
        .doesNotHaveDuplicates();
  }
}

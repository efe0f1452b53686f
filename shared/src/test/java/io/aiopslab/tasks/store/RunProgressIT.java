package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.store.RunProgress.Advance;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.TaskProgress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunProgressIT {
  private static final Instant AT = Instant.parse("2026-11-23T10:00:00Z");

  private final Store store = new Store();
  private final UUID task = store.pending().id();
  private final List<Advance> history =
      List.of(
          new Advance(task, Phase.SETUP, 1, 0, Map.of(), AT),
          new Advance(task, Phase.RUNNING, 4, 2, Map.of("tokens", 10.0), AT.plusSeconds(1)),
          new Advance(task, Phase.SETUP, -1, 7, Map.of("TTD", 1.5), AT.plusSeconds(2)),
          new Advance(task, Phase.GRADING, 9, 7, Map.of(), AT.plusSeconds(3)));

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void nothingIsKnownAtFirst() {
    assertThat(store.progress.find(task)).isEmpty();
  }

  @Test
  void neverGoesBackwardsWhateverTheOrder() {
    TaskProgress end =
        new TaskProgress(Phase.GRADING, 7, Map.of("tokens", 10.0, "TTD", 1.5), AT.plusSeconds(3));
    Random random = new Random(1);
    for (int round = 0; round < 20; round++) {
      List<Advance> mixed = new ArrayList<>(history);
      Collections.shuffle(mixed, random);
      store.progress.advance(mixed);
      store.progress.advance(List.of(mixed.get(0)));
    }
    assertThat(store.progress.find(task)).contains(end);
  }

  @Test
  void stepsGrowAsTheBatchesCome() {
    List<Integer> steps = new ArrayList<>();
    for (Advance advance : List.of(history.get(1), history.get(0), history.get(3))) {
      store.progress.advance(List.of(advance));
      steps.add(store.progress.find(task).orElseThrow().steps());
    }
    assertThat(steps).containsExactly(2, 2, 7);
  }
}

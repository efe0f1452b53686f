package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskSteps.Entry;
import io.aiopslab.tasks.store.TrajectoryParts.Tokens;
import io.aiopslab.tasks.task.Step;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

class TaskStepsIT {
  private static final Instant AT = Instant.parse("2026-11-23T10:00:00.123456Z");

  private final Store store = new Store();
  private final UUID task = store.pending().id();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void trajectoryComesBackInOrderAndOnce() {
    JsonNode ids = Json.mapper().readTree("[1,2,3]");
    Step asked = new Step(0, 0, "env", "What is wrong?", null, null, null, null, null, AT);
    Step answered = new Step(1, 0, "assistant", "ls ünï 🚀", 12.5, 0.25, ids, ids, ids, AT);
    append(answered);
    append(asked, answered);
    append(new Step(1, 9, "env", "a later version", null, null, null, null, null, AT));
    assertThat(store.steps.read(task)).containsExactly(asked, answered);
    assertThat(store.steps.read(UUID.randomUUID())).isEmpty();
  }

  @Test
  void whateverAnAgentSaysIsStored() {
    append(new Step(0, 0, "env", "\u0000 \ud83d.", null, null, null, null, null, AT));
    assertThat(store.steps.read(task).get(0).content()).startsWith("\uFFFD ").endsWith(".");
  }

  /** A page of trajectories asked once for each of their steps. */
  @Test
  void tokensComeInPiecesOfBoundedSize() {
    TrajectoryParts parts = new TrajectoryParts(store.sql);
    JsonNode few = Json.mapper().readTree("[1,2,3]");
    ArrayNode many = Json.mapper().createArrayNode();
    Random random = new Random(7);
    random.ints(120_000, 0, 150_000).forEach(many::add);
    for (int index = 0; index < 12; index++) {
      JsonNode tokens = index % 2 == 0 ? null : index < 8 ? few : many;
      append(new Step(index, index, "assistant", "a", null, null, tokens, null, null, AT));
    }
    Map<Integer, Tokens> first = parts.tokens(task, -1);
    assertThat(first).containsOnlyKeys(1, 3, 5, 7, 9);
    assertThat(first.get(3)).isEqualTo(new Tokens(few, null));
    assertThat(first.get(9)).isEqualTo(new Tokens(many, null));
    assertThat(parts.tokens(task, 9)).containsOnlyKeys(11);
    assertThat(parts.tokens(task, 11)).isEmpty();
  }

  private void append(Step... steps) {
    store.steps.append(List.of(steps).stream().map(step -> new Entry(task, step)).toList());
  }
}

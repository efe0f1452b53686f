package io.aiopslab.tasks.system.chaos;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What a fault may reach.
 *
 * @param poison where the ids of unreadable messages are noted
 */
record Stage(ChaosSystem system, Random random, Set<String> poison) {

  <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** How long a fault lasts is part of the fault. */
  void last(Duration time) {
    await().pollDelay(time).atMost(time.plusSeconds(5)).until(() -> true);
  }
}

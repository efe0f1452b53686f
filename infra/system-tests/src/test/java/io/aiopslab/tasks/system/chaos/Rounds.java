package io.aiopslab.tasks.system.chaos;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.core.ConditionTimeoutException;

/** Rounds on one system that stays up: a load, a fault in its midst, then the promises. */
final class Rounds {
  /** A task has 60 s by the database's clock, then 15 s of grace, then its callback. */
  private static final Duration SETTLED_WITHIN =
      Duration.ofSeconds(Integer.getInteger("aiopslab.chaos.settle", 110));

  private final ChaosSystem system;
  private final Told told = new Told();
  private final Set<String> poison = ConcurrentHashMap.newKeySet();
  private final Set<String> reported = new HashSet<>();
  private final GatherEvidence gather;
  private int number;

  Rounds(ChaosSystem system) {
    this.system = system;
    this.gather = new GatherEvidence(system, told, poison);
  }

  /**
   * One round.
   *
   * @param tasks how many to submit
   */
  RoundResult play(Incident fault, long seed, int tasks) {
    number++;
    Random random = new Random(seed);
    String name = "r%d-%s-%d".formatted(number, fault, seed);
    try (Load load = new Load(system, told, name, seed, tasks)) {
      load.awaitAcknowledged((int) (tasks * (0.2 + 0.4 * random.nextDouble())));
      fault.strike(new Stage(system, random, poison));
      long healed = System.nanoTime();
      load.awaitDone(SETTLED_WITHIN);
      List<String> broken = settle();
      Duration recovery = Duration.ofNanos(System.nanoTime() - healed);
      return new RoundResult(
          number, fault, seed, load.acknowledged(), endsOf(name), recovery, broken);
    }
  }

  /** Waits until every promise is kept; what is broken for good is told once. */
  private List<String> settle() {
    List<String> broken = new ArrayList<>();
    try {
      await()
          .atMost(SETTLED_WITHIN)
          .pollInterval(Duration.ofMillis(300))
          .ignoreExceptions()
          .until(
              () -> {
                if (gather.isSettled()) {
                  broken.clear();
                  broken.addAll(Promise.allBroken(gather.now()));
                  broken.removeAll(reported);
                  return broken.isEmpty();
                }
                return false;
              });
      return List.of();
    } catch (ConditionTimeoutException e) {
      broken.clear();
      broken.addAll(Promise.allBroken(gather.now()));
      broken.removeAll(reported);
      reported.addAll(broken);
      return broken;
    }
  }

  private String endsOf(String name) {
    return String.join(
        ", ",
        system
            .sql()
            .sql(
                """
                SELECT count(*) || ' ' || coalesce(failure_code, status) FROM tasks
                WHERE starts_with(metadata->>'request', ?)
                GROUP BY coalesce(failure_code, status) ORDER BY count(*) DESC
                """)
            .param(name + "-")
            .query(String.class)
            .list());
  }
}

package io.aiopslab.tasks.system.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Which faults, in which order, under how much load. System properties choose it: {@code
 * aiopslab.chaos.seed} replays a plan, {@code .rounds} is how many rounds of all faults in turn
 * there shall be, {@code .faults} names them instead, {@code .tasks} is how many a round submits.
 * Without rounds and names, three faults are drawn: by {@code .commit}, so that every run of a
 * commit plays the same and another commit others.
 *
 * @param seed of everything that is random
 */
record ChaosPlan(long seed, List<Fault> faults, int tasksPerRound) {
  private static final String PREFIX = "aiopslab.chaos.";
  private static final int TASKS_OF_A_QUICK_ROUND = 60;
  private static final int TASKS_OF_A_ROUND = 210;

  private static final int QUICK_ROUNDS = 3;

  static ChaosPlan fromProperties() {
    long seed = Long.getLong(PREFIX + "seed", seedOf(System.getProperty(PREFIX + "commit", "")));
    int rounds = Integer.getInteger(PREFIX + "rounds", 0);
    String names = System.getProperty(PREFIX + "faults", "");
    int usual = rounds > 0 ? TASKS_OF_A_ROUND : TASKS_OF_A_QUICK_ROUND;
    return new ChaosPlan(
        seed, faults(seed, rounds, names), Integer.getInteger(PREFIX + "tasks", usual));
  }

  private static long seedOf(String commit) {
    return commit.isEmpty()
        ? ThreadLocalRandom.current().nextInt(1_000_000)
        : Math.floorMod(commit.hashCode(), 1_000_000);
  }

  private static List<Fault> faults(long seed, int rounds, String names) {
    if (!names.isEmpty()) {
      return Stream.of(names.split(",")).map(Fault::valueOf).toList();
    }
    int howMany = rounds == 0 ? QUICK_ROUNDS : rounds;
    Random random = new Random(seed);
    List<Fault> all = new ArrayList<>();
    while (all.size() < howMany) {
      List<Fault> each = new ArrayList<>(List.of(Fault.values()));
      Collections.shuffle(each, random);
      all.addAll(each);
    }
    return List.copyOf(all.subList(0, howMany));
  }

  boolean has(Fault fault) {
    return faults.contains(fault);
  }

  ChaosPlan without(Fault fault) {
    return new ChaosPlan(
        seed, faults.stream().filter(other -> other != fault).toList(), tasksPerRound);
  }
}

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
record ChaosPlan<F extends Enum<F>>(long seed, List<F> faults, int tasksPerRound) {
  private static final String PREFIX = "aiopslab.chaos.";
  private static final int TASKS_OF_A_QUICK_ROUND = 60;
  private static final int TASKS_OF_A_ROUND = 210;

  private static final int QUICK_ROUNDS = 3;

  /**
   * @param all the faults there are
   */
  static <F extends Enum<F>> ChaosPlan<F> fromProperties(Class<F> all) {
    long seed = Long.getLong(PREFIX + "seed", seedOf(System.getProperty(PREFIX + "commit", "")));
    int rounds = Integer.getInteger(PREFIX + "rounds", 0);
    String names = System.getProperty(PREFIX + "faults", "");
    int usual = rounds > 0 ? TASKS_OF_A_ROUND : TASKS_OF_A_QUICK_ROUND;
    return new ChaosPlan<>(
        seed, faults(all, seed, rounds, names), Integer.getInteger(PREFIX + "tasks", usual));
  }

  private static long seedOf(String commit) {
    return commit.isEmpty()
        ? ThreadLocalRandom.current().nextInt(1_000_000)
        : Math.floorMod(commit.hashCode(), 1_000_000);
  }

  private static <F extends Enum<F>> List<F> faults(
      Class<F> all, long seed, int rounds, String names) {
    if (!names.isEmpty()) {
      return Stream.of(names.split(",")).map(name -> Enum.valueOf(all, name)).toList();
    }
    int howMany = rounds == 0 ? QUICK_ROUNDS : rounds;
    Random random = new Random(seed);
    List<F> faults = new ArrayList<>();
    while (faults.size() < howMany) {
      List<F> each = new ArrayList<>(List.of(all.getEnumConstants()));
      Collections.shuffle(each, random);
      faults.addAll(each);
    }
    return List.copyOf(faults.subList(0, howMany));
  }

  boolean has(F fault) {
    return faults.contains(fault);
  }

  ChaosPlan<F> without(F fault) {
    return new ChaosPlan<>(
        seed, faults.stream().filter(other -> other != fault).toList(), tasksPerRound);
  }
}

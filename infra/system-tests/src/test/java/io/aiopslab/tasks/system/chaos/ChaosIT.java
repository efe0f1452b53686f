package io.aiopslab.tasks.system.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/**
 * The promises under faults. {@code -Daiopslab.chaos.seed=…} replays a run; {@code make chaos}
 * plays every fault.
 */
class ChaosIT {
  private static final int TASKS = 60;

  @Test
  void nothingIsLostWhateverFails() throws IOException {
    long seed = Long.getLong("aiopslab.chaos.seed", new Random().nextInt(1_000_000));
    Path directory = Files.createDirectories(Path.of("target/chaos-" + seed).toAbsolutePath());
    System.out.println("chaos: seed " + seed + ", services log to " + directory);
    long begin = System.nanoTime();
    List<String> broken = new ArrayList<>();
    try (ChaosSystem system = ChaosSystem.start(directory)) {
      System.out.println("chaos: ready after " + seconds(begin) + " s");
      Rounds rounds = new Rounds(system);
      Random random = new Random(seed);
      for (Fault fault : faults()) {
        RoundResult result = rounds.play(fault, random.nextLong(), TASKS);
        System.out.println("chaos: " + result.row());
        broken.addAll(result.broken());
      }
    }
    assertThat(broken)
        .as("replay with -Daiopslab.chaos.seed=%d; the services logged to %s", seed, directory)
        .isEmpty();
    System.out.println("chaos: all promises kept, " + seconds(begin) + " s");
    FileSystemUtils.deleteRecursively(directory);
  }

  private static List<Fault> faults() {
    String names = System.getProperty("aiopslab.chaos.faults");
    return names == null
        ? List.of(Fault.values())
        : Stream.of(names.split(",")).map(Fault::valueOf).toList();
  }

  private static long seconds(long since) {
    return (System.nanoTime() - since) / 1_000_000_000;
  }
}

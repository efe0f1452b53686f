package io.aiopslab.tasks.system.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/**
 * The nine promises where broker and database span machines and lose some: in make test-clusters.
 */
@Tag("clusters")
class ClustersIT {
  @Test
  void nothingIsLostWhicheverMachineIsLost() throws IOException {
    long begin = System.nanoTime();
    ChaosPlan<ClusterFault> plan = ChaosPlan.fromProperties(ClusterFault.class);
    Path directory =
        Files.createDirectories(Path.of("target", "clusters-" + plan.seed()).toAbsolutePath());
    ChaosSummary summary = new ChaosSummary("clusters", plan.seed(), directory);
    try (ChaosSystem system =
        ChaosSystem.start(directory, false, new ClusteredServers(directory))) {
      Rounds rounds = new Rounds(system);
      Random random = new Random(plan.seed());
      for (ClusterFault fault : plan.faults()) {
        summary.add(rounds.play(fault, random.nextLong(), plan.tasksPerRound()));
      }
    }
    summary.end((System.nanoTime() - begin) / 1_000_000_000);
    assertThat(summary.broken())
        .as("replay with -Daiopslab.chaos.seed=%d; logs are in %s", plan.seed(), directory)
        .isEmpty();
    FileSystemUtils.deleteRecursively(directory);
  }
}

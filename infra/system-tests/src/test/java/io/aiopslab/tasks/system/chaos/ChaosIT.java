package io.aiopslab.tasks.system.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/** The nine promises under faults: a quick selection in every build, all of them in make chaos. */
@Tag("longest")
class ChaosIT {
  @Test
  void nothingIsLostWhateverFails() throws IOException {
    long begin = System.nanoTime();
    ChaosPlan<Fault> plan = ChaosPlan.fromProperties(Fault.class);
    Path directory =
        Files.createDirectories(Path.of("target", "chaos-" + plan.seed()).toAbsolutePath());
    ChaosSummary summary = new ChaosSummary("chaos", plan.seed(), directory);
    plan = affordable(plan, directory, summary);
    try (ChaosSystem system =
        ChaosSystem.start(directory, plan.has(Fault.SPOOL_DISK_FULL), new SingleServers())) {
      Rounds rounds = new Rounds(system);
      Random random = new Random(plan.seed());
      for (Fault fault : plan.faults()) {
        summary.add(rounds.play(fault, random.nextLong(), plan.tasksPerRound()));
      }
    }
    summary.end((System.nanoTime() - begin) / 1_000_000_000);
    assertThat(summary.broken())
        .as("replay with -Daiopslab.chaos.seed=%d; logs are in %s", plan.seed(), directory)
        .isEmpty();
    FileSystemUtils.deleteRecursively(directory);
  }

  private static ChaosPlan<Fault> affordable(
      ChaosPlan<Fault> plan, Path directory, ChaosSummary summary) {
    if (!plan.has(Fault.SPOOL_DISK_FULL) || SmallDisk.isPossible(directory.resolve("disk"))) {
      return plan;
    }
    summary.say(
        Fault.SPOOL_DISK_FULL + " is left out: only root can mount the small disk it fills");
    return plan.without(Fault.SPOOL_DISK_FULL);
  }
}

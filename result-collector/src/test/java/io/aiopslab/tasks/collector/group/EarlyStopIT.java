package io.aiopslab.tasks.collector.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.collector.EventSender;
import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskGroup.Sample;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionOperations;

/** Enough usable samples of a group, with sweeps that are too rare to be what stops the others. */
class EarlyStopIT {
  private static final String[] RARE_SWEEPS = {
    "--aiopslab.collector.sweep-interval=1h",
    "--aiopslab.collector.lost-worker-after=4h",
    "--aiopslab.collector.settle=1h"
  };

  @Test
  void theLastUsableResultThatIsWantedCancelsTheOthersAtOnce() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        RunningCollector collector = RunningCollector.start(database, broker, RARE_SWEEPS);
        EventSender sender = new EventSender(broker)) {
      TaskGroups groups = collector.get(TaskGroups.class);
      UUID group = UUID.randomUUID();
      var none = Json.mapper().createObjectNode();
      TaskSpec spec = new TaskSpec("p", "default", 5, 30, 30, none, none, null);
      List<UUID> ids = Stream.generate(UUID::randomUUID).limit(5).toList();
      collector
          .get(TransactionOperations.class)
          .executeWithoutResult(
              open -> {
                groups.create(group, 5, 2);
                collector.get(TaskSubmissions.class).submitSamples(group, ids, spec, null, null);
              });
      SimulatedRun first = claim(collector);
      SimulatedRun second = claim(collector);
      claim(collector);

      sender.send(first.events());
      collector.awaitAll(sender);
      assertThat(groups.find(group).orElseThrow().stoppedAt()).as("one is not enough").isNull();
      sender.send(second.events());

      await().until(() -> groups.find(group).orElseThrow().stoppedAt() != null);
      List<Task> samples =
          groups.find(group).orElseThrow().samples().stream().map(Sample::task).toList();
      assertThat(samples)
          .extracting(Task::status)
          .containsExactlyInAnyOrder(
              TaskStatus.COMPLETED,
              TaskStatus.COMPLETED,
              TaskStatus.RUNNING,
              TaskStatus.CANCELLED,
              TaskStatus.CANCELLED);
      assertThat(samples)
          .filteredOn(task -> task.status() == TaskStatus.RUNNING)
          .allMatch(task -> task.cancel() != null);
    }
  }

  private static SimulatedRun claim(RunningCollector collector) {
    Task task =
        collector.get(TaskClaims.class).claim("kind-0", "default", UUID.randomUUID()).orElseThrow();
    UUID session = Objects.requireNonNull(task.run()).sessionId();
    return SimulatedRun.of(task.id(), session, "kind-0", new Random(1));
  }
}

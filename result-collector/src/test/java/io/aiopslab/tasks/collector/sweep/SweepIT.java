package io.aiopslab.tasks.collector.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.collector.EventSender;
import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.collector.group.StopGroups;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.SchemaGate;
import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Worker;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.databind.node.ObjectNode;

/** The collector's own sweeps rest for an hour here; these are ticked by hand. */
class SweepIT {
  private static final CollectorSettings SETTINGS =
      new CollectorSettings(
          250,
          Duration.ofMillis(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(45),
          Duration.ofSeconds(15),
          Duration.ofSeconds(5),
          Duration.ofSeconds(60));

  private static final ObjectNode NOTHING = Json.mapper().createObjectNode();

  private final Random random = new Random(7);
  private TestDatabase database;
  private TestBroker broker;
  private RunningCollector collector;
  private Instant now = Instant.parse("2026-11-23T10:00:00Z");
  private OverdueTaskSweeper overdue;
  private LostWorkerSweeper lost;
  private UnansweredCancelSweeper cancels;

  @BeforeEach
  void start() {
    database = TestDatabase.createMigrated();
    broker = TestBroker.create();
    collector =
        RunningCollector.start(
            database,
            broker,
            "--aiopslab.collector.sweep-interval=1h",
            "--aiopslab.collector.lost-worker-after=4h");
    TaskEndings endings = collector.get(TaskEndings.class);
    overdue = new OverdueTaskSweeper(endings, SETTINGS, new SimpleMeterRegistry());
    cancels =
        new UnansweredCancelSweeper(
            collector.get(TaskCancels.class), SETTINGS, new SimpleMeterRegistry());
    lost =
        new LostWorkerSweeper(
            collector.get(SchemaGate.class),
            endings,
            SETTINGS,
            () -> now,
            new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    collector.close();
    broker.close();
    database.close();
  }

  @Test
  void failsARunOnlyWhenItsGraceIsOverToo() {
    SimulatedRun run = SimulatedRun.claim(collector, "kind-0", random);
    deadline("50 seconds");
    assertThat(overdue.runOnce()).isEmpty();
    deadline("61 seconds");
    assertThat(overdue.runOnce()).containsExactly(run.taskId());
    assertThat(failureOf(run)).isEqualTo(FailureCode.TIMEOUT);
    assertThat(overdue.runOnce()).isEmpty();
  }

  @Test
  void cancelsTheOtherSamplesOnceEnoughAreUsable() {
    UUID group = UUID.randomUUID();
    TaskSubmissions submissions = collector.get(TaskSubmissions.class);
    TaskGroups groups = collector.get(TaskGroups.class);
    TaskSpec spec = new TaskSpec("p", "default", 5, 30, 30, NOTHING, NOTHING, null);
    List<UUID> ids = List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
    // Together, as the API does: a group without samples has nothing left to stop.
    collector
        .get(TransactionOperations.class)
        .executeWithoutResult(
            open -> {
              groups.create(group, 3, 1);
              submissions.submitSamples(group, ids, spec, null, null);
            });
    StopGroups earlyStops = collector.get(StopGroups.class);
    Task first = claim();
    Task second = claim();
    assertThat(earlyStops.runOnce()).isEmpty();
    UUID session = Objects.requireNonNull(first.run()).sessionId();
    TaskResult graded =
        new TaskResult("test", null, 0.0, Map.of(), Map.of(), null, null, null, 1, 0);
    collector.get(TaskResults.class).record(first.id(), session, 1, now, graded);
    collector.get(TaskEndings.class).finish(first.id(), session, TaskStatus.COMPLETED, null, null);

    // The collector's own first sweep may be the one that does it.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              earlyStops.runOnce();
              return groups.find(group).orElseThrow().stoppedAt() != null;
            });
    assertThat(earlyStops.runOnce()).isEmpty();
    Task running = task(second.id());
    assertThat(running.status()).isEqualTo(TaskStatus.RUNNING);
    assertThat(running.cancel()).isNotNull();
    assertThat(groups.find(group).orElseThrow().samples())
        .extracting(sample -> sample.task().status())
        .containsExactlyInAnyOrder(TaskStatus.COMPLETED, TaskStatus.RUNNING, TaskStatus.CANCELLED);
  }

  private Task claim() {
    return collector
        .get(TaskClaims.class)
        .claim("kind-0", "default", UUID.randomUUID())
        .orElseThrow();
  }

  private Task task(UUID id) {
    return collector.get(TaskQueries.class).find(id).orElseThrow();
  }

  @Test
  void aReportAfterTheSweepIsEvidenceAndItsLogsAreStored() throws Exception {
    SimulatedRun run = SimulatedRun.claim(collector, "kind-0", random);
    deadline("61 seconds");
    assertThat(overdue.runOnce()).containsExactly(run.taskId());
    try (EventSender sender = new EventSender(broker)) {
      sender.send(run.events());
      collector.awaitAll(sender);
    }
    run.assertLogsAndSteps(collector);
    assertThat(failureOf(run)).isEqualTo(FailureCode.TIMEOUT);
    assertThat(collector.count("task_results")).isZero();
    assertThat(collector.count("stale_reports")).isEqualTo(1);
  }

  @Test
  void failsTheTaskOfASilentWorkerOnceHeartbeatsAreTrusted() {
    register("kind-0");
    register("kind-1");
    SimulatedRun silent = SimulatedRun.claim(collector, "kind-0", random);
    SimulatedRun.claim(collector, "kind-1", random);
    heartbeatAge("kind-0", "46 seconds");

    for (int second = 0; second < 45; second += 5) {
      assertThat(lost.runOnce()).isEmpty();
      now = now.plusSeconds(5);
    }
    assertThat(lost.runOnce()).containsExactly(silent.taskId());
    assertThat(failureOf(silent)).isEqualTo(FailureCode.WORKER_LOST);
    assertThat(collector.count("tasks WHERE status = 'running'")).isEqualTo(1);
  }

  /** Of every kind of worker: what is stored was said by somebody who lives. */
  @Test
  void aWorkerWhoseReportsAreStoredIsNotLost() throws Exception {
    register("kind-0");
    register("kind-1");
    SimulatedRun heard = SimulatedRun.claim(collector, "kind-0", random);
    SimulatedRun silent = SimulatedRun.claim(collector, "kind-1", random);
    SimulatedRun stale =
        SimulatedRun.of(silent.taskId(), UUID.randomUUID(), silent.workerId(), random);
    heartbeatAge("kind-0", "46 seconds");
    heartbeatAge("kind-1", "46 seconds");
    try (EventSender sender = new EventSender(broker)) {
      sender.send(heard.events().subList(0, 2));
      sender.send(stale.events().subList(0, 2));
      collector.awaitAll(sender);
    }
    for (int second = 0; second < 45; second += 5) {
      assertThat(lost.runOnce()).isEmpty();
      now = now.plusSeconds(5);
    }
    assertThat(lost.runOnce()).containsExactly(silent.taskId());
  }

  @Test
  void failsNobodyRightAfterAnOutage() {
    register("kind-0");
    SimulatedRun.claim(collector, "kind-0", random);
    trustHeartbeats();
    now = now.plusSeconds(300);
    heartbeatAge("kind-0", "300 seconds");
    assertThat(lost.runOnce()).isEmpty();
    now = now.plusSeconds(5);
    assertThat(lost.runOnce()).isEmpty();
    heartbeatAge("kind-0", "0 seconds");
    trustHeartbeats();
    assertThat(collector.count("tasks WHERE status = 'running'")).isEqualTo(1);
  }

  @Test
  void failsTheTaskThatARestartedWorkerForgotOnceItHasSettled() {
    register("kind-0");
    SimulatedRun run = SimulatedRun.claim(collector, "kind-0", random);
    trustHeartbeats();
    register("kind-0");
    assertThat(lost.runOnce()).isEmpty();
    collector
        .sql()
        .sql("UPDATE workers SET registered_at = now() - interval '16 seconds'")
        .update();
    collector.sql().sql("UPDATE tasks SET started_at = now() - interval '1 minute'").update();
    assertThat(lost.runOnce()).containsExactly(run.taskId());
    assertThat(failureOf(run)).isEqualTo(FailureCode.WORKER_LOST);
  }

  @Test
  void endsARunWhoseWorkerNeverAnswersTheCancelAndKeepsALateResultAsEvidence() throws Exception {
    SimulatedRun run = SimulatedRun.claim(collector, "kind-0", random);
    SimulatedRun unasked = SimulatedRun.claim(collector, "kind-1", random);
    assertThat(collector.get(TaskCancels.class).request(run.taskId(), "enough")).isPresent();
    requested("50 seconds");
    assertThat(cancels.runOnce()).isEmpty();
    requested("61 seconds");
    assertThat(cancels.runOnce()).containsExactly(run.taskId());
    assertThat(cancels.runOnce()).isEmpty();
    assertThat(failureOf(run)).isEqualTo(FailureCode.CANCELLED_UNCONFIRMED);
    Task ended = taskOf(run);

    try (EventSender sender = new EventSender(broker)) {
      sender.send(run.events());
      collector.awaitAll(sender);
    }
    run.assertLogsAndSteps(collector);
    assertThat(taskOf(run)).isEqualTo(ended);
    assertThat(ended.status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(collector.count("task_results")).isZero();
    assertThat(collector.count("stale_reports")).isEqualTo(1);
    assertThat(taskOf(unasked).status()).isEqualTo(TaskStatus.RUNNING);
  }

  /** A type of that name keeps next month's table from being made. */
  @Test
  void aMonthWhosePartitionCannotBeMadeKeepsTheOtherFromNothing() {
    JdbcClient admin = JdbcClient.create(database.dataSource());
    TaskLogs logs = collector.get(TaskLogs.class);
    String thisMonth = logs.ensurePartition(0);
    String nextMonth = logs.ensurePartition(1);
    for (String partition : List.of(thisMonth, nextMonth)) {
      admin.sql("ALTER TABLE task_logs DETACH PARTITION " + partition).update();
      admin.sql("DROP TABLE " + partition).update();
    }
    admin.sql("CREATE DOMAIN " + nextMonth + " AS int").update();
    LogPartitionKeeper keeper = new LogPartitionKeeper(logs, () -> now);
    assertThatThrownBy(keeper::runOnce).hasStackTraceContaining(nextMonth);
    assertThat(partitions(admin)).contains(thisMonth).doesNotContain(nextMonth);

    admin.sql("DROP DOMAIN " + nextMonth).update();
    keeper.runOnce();
    assertThat(partitions(admin)).contains(thisMonth, nextMonth);
  }

  private static List<String> partitions(JdbcClient admin) {
    return admin
        .sql(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'task_logs'::regclass")
        .query(String.class)
        .list();
  }

  private void trustHeartbeats() {
    for (int second = 0; second <= 45; second += 5) {
      assertThat(lost.runOnce()).isEmpty();
      now = now.plusSeconds(5);
    }
  }

  private void register(String worker) {
    var none = Json.mapper().createObjectNode();
    collector
        .get(Workers.class)
        .register(new Worker(worker, worker, UUID.randomUUID(), none, none));
  }

  private void deadline(String ago) {
    collector
        .sql()
        .sql("UPDATE tasks SET deadline_at = now() - CAST(:ago AS interval)")
        .param("ago", ago)
        .update();
  }

  private void heartbeatAge(String worker, String age) {
    collector
        .sql()
        .sql("UPDATE workers SET last_heartbeat_at = now() - CAST(:age AS interval) WHERE id = :id")
        .param("age", age)
        .param("id", worker)
        .update();
  }

  private void requested(String ago) {
    collector
        .sql()
        .sql(
            "UPDATE tasks SET cancel_requested_at = now() - CAST(:ago AS interval)"
                + " WHERE cancel_requested_at IS NOT NULL")
        .param("ago", ago)
        .update();
  }

  private FailureCode failureOf(SimulatedRun run) {
    return Objects.requireNonNull(taskOf(run).failure()).code();
  }

  private Task taskOf(SimulatedRun run) {
    return collector.get(TaskQueries.class).find(run.taskId()).orElseThrow();
  }
}

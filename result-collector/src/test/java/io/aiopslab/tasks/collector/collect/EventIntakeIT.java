package io.aiopslab.tasks.collector.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.collector.EventSender;
import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventIntakeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private TestDatabase database;
  private TestBroker broker;
  private RunningCollector collector;
  private EventSender sender;

  @BeforeEach
  void start() throws Exception {
    System.out.println("seed " + seed);
    database = TestDatabase.createMigrated();
    broker = TestBroker.create();
    collector = RunningCollector.start(database, broker);
    sender = new EventSender(broker);
  }

  @AfterEach
  void stop() throws Exception {
    collector.close();
    long left = sender.ready();
    sender.close();
    broker.close();
    database.close();
    assertThat(left).isZero();
  }

  @Test
  void storesEverythingOnceThoughShuffledAndSentTwice() throws Exception {
    List<SimulatedRun> runs = runs(50);
    sender.send(shuffledTwice(runs));
    awaitDrained();
    runs.forEach(run -> run.assertComplete(collector));
    assertThat(collector.count("task_results")).isEqualTo(50);
    assertThat(collector.count("task_briefings")).isEqualTo(50);
    await("all are in the feed").until(() -> collector.count("trajectory_feed") == 50);
    assertThat(collector.count("trajectory_feed WHERE NOT has_whole_trajectory(task_id)")).isZero();
    assertThat(collector.count("task_logs"))
        .isEqualTo(runs.stream().mapToLong(r -> r.lines()).sum());
    assertThat(collector.deadLetters()).isZero();
    assertThat(collector.count("stale_reports")).isZero();
    assertThat(counted("tasks.finished")).isEqualTo(50);
  }

  @Test
  void twoCollectorsOnOneQueueStoreEverythingOnceAndRefuseZombies() throws Exception {
    List<SimulatedRun> runs = new ArrayList<>();
    List<RunEvent> events = new ArrayList<>();
    Set<String> zombies = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      String worker = "kind-" + i;
      SimulatedRun run = SimulatedRun.claim(collector, worker, random, "http://192.0.2.1/");
      SimulatedRun zombie = SimulatedRun.of(run.taskId(), UUID.randomUUID(), worker, random);
      runs.add(run);
      events.addAll(run.events());
      events.addAll(zombie.events());
      zombie.events().forEach(event -> zombies.add(event.messageId()));
    }
    events.addAll(List.copyOf(events));
    Collections.shuffle(events, random);
    try (RunningCollector other = RunningCollector.start(database, broker)) {
      await().atMost(PATIENCE).ignoreExceptions().until(() -> consumers() == 2);
      sender.send(events);
      await().atMost(PATIENCE).until(() -> received(collector) + received(other) >= events.size());
      assertThat(received(other)).isPositive();
      assertThat(received(collector)).isPositive();
    } // has stored and acknowledged what it received
    awaitDrained();

    runs.forEach(run -> run.assertComplete(collector));
    assertThat(collector.count("task_logs"))
        .isEqualTo(runs.stream().mapToLong(r -> r.lines()).sum());
    assertThat(collector.count("task_results")).isEqualTo(40);
    assertThat(collector.count("callback_deliveries")).isEqualTo(40);
    assertThat(collector.count("task_transitions")).isEqualTo(3 * 40);
    assertThat(collector.deadLetters()).isZero();
    assertThat(
            collector
                .sql()
                .sql("SELECT session_id || ':' || seq FROM stale_reports")
                .query(String.class)
                .set())
        .isEqualTo(zombies);
  }

  @Test
  void ofACancelAndAResultTheFirstStands() throws Exception {
    SimulatedRun cancelled = SimulatedRun.claim(collector, "kind-0", random);
    SimulatedRun completed = SimulatedRun.claim(collector, "kind-1", random);
    List<RunEvent> events = new ArrayList<>(cancelled.events());
    RunEvent result = events.remove(events.size() - 1);
    Finished end =
        new Finished(TaskStatus.CANCELLED, null, null, ((Finished) result.body()).result());
    events.add(cancelled.event(result.seq(), end));
    events.addAll(completed.events());
    for (SimulatedRun run : List.of(cancelled, completed)) {
      assertThat(collector.get(TaskCancels.class).request(run.taskId(), null)).isPresent();
    }
    sender.send(events);
    sender.send(List.of(cancelled.event(result.seq() + 1, result.body())));
    awaitDrained();

    completed.assertComplete(collector);
    cancelled.assertLogsAndSteps(collector);
    assertThat(collector.count("tasks WHERE status = 'cancelled' AND failure_code IS NULL"))
        .isEqualTo(1);
    assertThat(collector.count("task_results")).isEqualTo(2);
    assertThat(collector.count("stale_reports")).isEqualTo(1);
  }

  @Test
  void setsPoisonAndStrangersAsideAndStoresTheRest() throws Exception {
    List<SimulatedRun> runs = runs(5);
    List<RunEvent> events = shuffledTwice(runs);
    SimulatedRun good = runs.get(0);
    String readable = new String(good.events().get(0).toBytes(), UTF_8);
    RunEvent unstorable =
        good.event(
            1000, new Logged(1_000, List.of(line(Instant.parse("+999999999-12-31T00:00:00Z")))));
    SimulatedRun stranger = SimulatedRun.of(UUID.randomUUID(), UUID.randomUUID(), "kind-x", random);

    sender.send(events.subList(0, events.size() / 2));
    sender.sendRaw(new byte[] {0, -1, 17});
    sender.sendRaw(readable.replace("\"v\":1", "\"v\":2").getBytes(UTF_8));
    sender.sendRaw("[".repeat(100_000).getBytes(UTF_8));
    sender.sendRaw(readable.replace("\"seq\":0", "\"seq\":-1").getBytes(UTF_8));
    sender.send(List.of(unstorable));
    sender.send(stranger.events());
    sender.send(events.subList(events.size() / 2, events.size()));
    awaitDrained();

    runs.forEach(run -> run.assertComplete(collector));
    assertThat(collector.deadLetters()).isEqualTo(5);
    assertThat(collector.count("dead_letters WHERE reason LIKE 'cannot be stored%'")).isEqualTo(1);
    assertThat(collector.count("stale_reports")).isEqualTo(stranger.events().size());
    assertThat(collector.count("task_progress")).isEqualTo(5);
    assertThat(counted("quarantined")).isEqualTo(5 + 1);
  }

  @Test
  void aZombieSessionChangesNothing() throws Exception {
    SimulatedRun run = runs(1).get(0);
    SimulatedRun zombie = SimulatedRun.of(run.taskId(), UUID.randomUUID(), "kind-zombie", random);
    sender.send(zombie.events());
    awaitDrained();
    assertThat(collector.count("tasks WHERE status = 'running'")).isEqualTo(1);
    assertThat(collector.count("task_logs")).isZero();
    assertThat(collector.count("task_steps")).isZero();
    assertThat(collector.count("task_progress")).isZero();
    assertThat(collector.count("stale_reports")).isEqualTo(zombie.events().size());
    sender.send(run.events());
    awaitDrained();
    run.assertComplete(collector);
  }

  @Test
  void anEndBeforeItsLogsEndsTheTaskAndLateLogsAreStored() throws Exception {
    SimulatedRun run = runs(1).get(0);
    sender.send(List.of(run.finished()));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(collector.count("tasks WHERE status = 'completed'")).isEqualTo(1));
    sender.send(run.events());
    awaitDrained();
    run.assertComplete(collector);
    assertThat(collector.count("stale_reports")).isZero();
  }

  @Test
  void declaresAQueueThatWasDeleted() throws Exception {
    awaitDrained();
    sender.channel().queueDelete(Topology.EVENTS_QUEUE);
    await().atMost(PATIENCE).ignoreExceptions().until(() -> consumers() == 1);
    SimulatedRun run = runs(1).get(0);
    sender.send(run.events());
    awaitDrained();
    run.assertComplete(collector);
  }

  @Test
  void stopsCleanlyAndGoesOnWhereItStopped() throws Exception {
    List<SimulatedRun> runs = runs(50);
    sender.send(shuffledTwice(runs));
    await().atMost(PATIENCE).until(() -> collector.count("task_steps") > 0);
    collector.close();
    collector = RunningCollector.start(database, broker);
    awaitDrained();
    runs.forEach(run -> run.assertComplete(collector));
    assertThat(collector.count("stale_reports")).isZero();
  }

  private List<SimulatedRun> runs(int count) {
    List<SimulatedRun> runs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      runs.add(SimulatedRun.claim(collector, "kind-" + i, random));
    }
    return runs;
  }

  private List<RunEvent> shuffledTwice(List<SimulatedRun> runs) {
    List<RunEvent> events = new ArrayList<>();
    runs.forEach(run -> events.addAll(run.events()));
    events.addAll(List.copyOf(events));
    Collections.shuffle(events, random);
    return events;
  }

  private static Logged.Line line(Instant ts) {
    return new Logged.Line(ts, LogLevel.INFO, "from the far future", null);
  }

  private void awaitDrained() throws Exception {
    collector.awaitAll(sender);
  }

  private int consumers() throws Exception {
    try (var connection = broker.connectionFactory().newConnection();
        var channel = connection.createChannel()) {
      return channel.queueDeclarePassive(Topology.EVENTS_QUEUE).getConsumerCount();
    }
  }

  private static double received(RunningCollector collector) {
    return collector
        .get(MeterRegistry.class)
        .get("aiopslab.collector.batch.size")
        .summary()
        .totalAmount();
  }

  private double counted(String name) {
    return collector.get(MeterRegistry.class).find("aiopslab.collector." + name).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }
}

package io.aiopslab.tasks.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.collector.EventSender;
import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.testing.PrivateBroker;
import io.aiopslab.tasks.testing.PrivateDatabase;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
@Tag("thorough")
class OutageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  OutageIT() {
    System.out.println("seed " + seed);
  }

  @Test
  void aDatabaseThatIsKilledOrFrozenLosesNothing(CapturedOutput output) throws Exception {
    try (PrivateDatabase database = TestDatabase.startPrivate();
        TestBroker broker = TestBroker.create();
        RunningCollector collector =
            RunningCollector.start(
                database,
                broker,
                "--spring.liquibase.enabled=true",
                "--aiopslab.collector.batch-size=10",
                "--aiopslab.database.answer=3s");
        EventSender sender = new EventSender(broker)) {
      List<SimulatedRun> runs = runs(collector, 30);
      List<RunEvent> events = shuffled(runs);
      int third = events.size() / 3;

      sender.send(events.subList(0, third));
      await().atMost(PATIENCE).until(() -> collector.count("task_steps") > 0);
      database.kill();
      sender.send(events.subList(third, 2 * third));
      await().atMost(PATIENCE).until(() -> readiness(collector) == 503);
      assertThat(reason(collector, "db")).contains("spring.datasource.url");
      await().atMost(PATIENCE).until(() -> heldTries(output) >= 1);
      database.start();
      collector.awaitAll(sender);
      assertThat(readiness(collector)).isEqualTo(200);

      database.pause();
      sender.send(events.subList(2 * third, events.size()));
      await().atMost(PATIENCE).until(() -> readiness(collector) == 503);
      database.resume();
      collector.awaitAll(sender);

      runs.forEach(run -> run.assertComplete(collector));
      // Held, not given back: each message came once, with the two that only mark an end.
      assertThat(collector.get(MeterRegistry.class).get("aiopslab.collector.batch.size").summary())
          .satisfies(sizes -> assertThat(sizes.totalAmount()).isEqualTo(events.size() + 2));
      assertThat(heldTries(output)).isBetween(1L, 10L);
      assertThat(collector.count("task_results")).isEqualTo(runs.size());
      assertThat(collector.deadLetters()).isZero();
      assertThat(collector.count("stale_reports")).isZero();
    }
  }

  @Test
  void aStopDuringAnOutageGivesTheMessagesBack() throws Exception {
    try (PrivateDatabase database = TestDatabase.startPrivate();
        TestBroker broker = TestBroker.create();
        EventSender sender = new EventSender(broker)) {
      SimulatedRun run;
      try (RunningCollector collector =
          RunningCollector.start(database, broker, "--spring.liquibase.enabled=true")) {
        run = SimulatedRun.claim(collector, "kind-0", random);
        database.kill();
        sender.send(run.events());
        await().atMost(PATIENCE).until(() -> sender.ready() == 0);
      }
      assertThat(sender.ready()).isEqualTo(run.events().size());
      database.start();
      try (RunningCollector collector = RunningCollector.start(database, broker)) {
        collector.awaitAll(sender);
        run.assertComplete(collector);
      }
    }
  }

  @Test
  void aBrokerThatRestartsOrIsWipedIsConsumedAgain() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        PrivateBroker broker = TestBroker.startPrivate();
        RunningCollector collector = RunningCollector.start(database, broker)) {
      List<SimulatedRun> runs = runs(collector, 20);
      List<RunEvent> events = shuffled(runs);
      int half = events.size() / 2;
      try (EventSender sender = new EventSender(broker)) {
        sender.send(events.subList(0, half));
      }
      broker.stop();
      assertThat(readiness(collector)).isEqualTo(200);
      await()
          .atMost(PATIENCE)
          .until(() -> reason(collector, "events").contains("spring.rabbitmq.host"));
      assertThat(health(collector, "/liveness").statusCode()).isEqualTo(200);
      broker.start();
      try (EventSender sender = new EventSender(broker)) {
        collector.awaitAll(sender);
      }
      broker.kill();
      broker.wipe();
      broker.start();
      try (EventSender sender = new EventSender(broker)) {
        sender.send(events.subList(half, events.size()));
        collector.awaitAll(sender);
      }
      runs.forEach(run -> run.assertComplete(collector));
      assertThat(collector.deadLetters()).isZero();
    }
  }

  private List<SimulatedRun> runs(RunningCollector collector, int count) {
    List<SimulatedRun> runs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      runs.add(SimulatedRun.claim(collector, "kind-" + i, random));
    }
    return runs;
  }

  private List<RunEvent> shuffled(List<SimulatedRun> runs) {
    List<RunEvent> events = new ArrayList<>();
    runs.forEach(run -> events.addAll(run.events()));
    Collections.shuffle(events, random);
    return events;
  }

  private static long heldTries(CapturedOutput output) {
    return output.getOut().lines().filter(line -> line.contains("Events cannot be stored")).count();
  }

  private static int readiness(RunningCollector collector) throws Exception {
    return health(collector, "/readiness").statusCode();
  }

  /** What the health of a component says to do; empty if there is nothing to be done. */
  private static String reason(RunningCollector collector, String component) throws Exception {
    return Json.mapper()
        .readTree(health(collector, "").body())
        .at("/components/" + component + "/details/reason")
        .asString("");
  }

  private static HttpResponse<String> health(RunningCollector collector, String group)
      throws Exception {
    URI uri = URI.create("http://localhost:" + collector.port() + "/actuator/health" + group);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }
}

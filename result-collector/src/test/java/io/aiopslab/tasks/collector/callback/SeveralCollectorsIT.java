package io.aiopslab.tasks.collector.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.collector.ResultCollectorApplication;
import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.collector.callback.WebhookReceiver.Received;
import io.aiopslab.tasks.collector.callback.WebhookReceiver.Reply;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.task.CallbackState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
@Timeout(180)
class SeveralCollectorsIT {
  private static final String ASLEEP = "poll-interval=1h";

  @TempDir Path directory;
  private CallbackSystem system;

  @BeforeEach
  void prepare() {
    system = new CallbackSystem();
  }

  @AfterEach
  void stop() {
    system.close();
  }

  @Test
  void twoCollectorsDeliverEachOnce() {
    system.collector().collector();
    try (WebhookReceiver receiver = WebhookReceiver.answering(200)) {
      List<UUID> tasks =
          IntStream.range(0, 60).mapToObj(i -> system.ended(receiver.url())).toList();
      tasks.forEach(task -> system.awaitState(task, CallbackState.DELIVERED));
      assertThat(receiver.received())
          .extracting(Received::id)
          .containsExactlyInAnyOrderElementsOf(
              tasks.stream().map(CallbackSystem::webhookId).toList());
      assertThat(system.latest().count("callback_attempts")).isEqualTo(60);
    }
  }

  @Test
  void aClaimOfADeadCollectorIsTakenOver() {
    system.collector(ASLEEP);
    try (WebhookReceiver receiver = WebhookReceiver.answering(200)) {
      UUID task = system.ended(receiver.url());
      UUID dead = UUID.randomUUID();
      Duration lease = Duration.ofSeconds(2);
      assertThat(system.get(CallbackDeliveries.class).claim(dead, lease, List.of())).isPresent();
      system.collector();
      system.awaitState(task, CallbackState.DELIVERED);
      assertThat(receiver.received()).hasSize(1);
      assertThat(system.attempts(task).get(0).at())
          .isAfterOrEqualTo(
              system
                  .latest()
                  .sql()
                  .sql("SELECT created_at + interval '2 seconds' FROM callback_deliveries")
                  .query(java.time.OffsetDateTime.class)
                  .single()
                  .toInstant()
                  .minusMillis(100));
    }
  }

  @Test
  void aCollectorKilledBetweenSendingAndRecordingSendsTheSameAgain() throws Exception {
    system.collector(ASLEEP);
    CompletableFuture<Process> collector = new CompletableFuture<>();
    try (WebhookReceiver receiver =
        new WebhookReceiver(
            request -> {
              collector.join().destroyForcibly().onExit().join();
              return Reply.of(200);
            })) {
      UUID task = system.ended(receiver.url());
      collector.complete(startProcess());
      await().atMost(Duration.ofSeconds(90)).until(() -> !receiver.received().isEmpty());
      collector.join().onExit().join();
      assertThat(system.delivery(task).attempts()).isZero();
      assertThat(system.delivery(task).state()).isEqualTo(CallbackState.PENDING);
      system.collector();
      system.awaitState(task, CallbackState.DELIVERED);
      assertThat(receiver.received())
          .hasSize(2)
          .allMatch(request -> request.id().equals(CallbackSystem.webhookId(task)));
    } finally {
      if (collector.isDone()) {
        collector.join().destroyForcibly();
      }
    }
  }

  /** Promise 8 of the design. */
  @Test
  void eachCallbackIsDeliveredAtLeastOnceOrMarkedExhaustedSignedWithTheSameIdOnEveryTry()
      throws Exception {
    String schedule = "retry-after=20ms,20ms,20ms,20ms";
    system.collector(schedule).collector(schedule);
    try (WebhookReceiver good = WebhookReceiver.answering(202);
        WebhookReceiver dead = WebhookReceiver.answering(503);
        WebhookReceiver flaky =
            new WebhookReceiver(
                request -> Reply.of(ThreadLocalRandom.current().nextBoolean() ? 200 : 500))) {
      Map<UUID, WebhookReceiver> receivers = new HashMap<>();
      for (int i = 0; i < 20; i++) {
        List.of(good, dead, flaky).forEach(each -> receivers.put(system.ended(each.url()), each));
      }
      UUID unreachable = system.ended("http://127.0.0.9:9/done");
      await()
          .atMost(Duration.ofSeconds(90))
          .until(() -> system.latest().count("callback_deliveries WHERE state = 'pending'") == 0);

      List<Received> all = new ArrayList<>();
      List.of(good, dead, flaky).forEach(each -> all.addAll(each.received()));
      for (Received request : all) {
        assertThat(Signature.isValid(request, CallbackSystem.SECRET)).isTrue();
      }
      receivers.forEach(
          (task, receiver) -> {
            long tries = receiver.tries(CallbackSystem.webhookId(task));
            assertThat(system.delivery(task).attempts()).isEqualTo((int) tries);
            if (system.delivery(task).state() == CallbackState.EXHAUSTED) {
              assertThat(receiver).isNotSameAs(good);
              assertThat(tries).isEqualTo(5);
            } else {
              assertThat(receiver).isNotSameAs(dead);
              assertThat(tries).isBetween(1L, 5L);
            }
          });
      assertThat(system.delivery(unreachable).state()).isEqualTo(CallbackState.EXHAUSTED);
      assertThat(all.stream().map(Received::id).distinct()).hasSize(60);
    }
  }

  private Process startProcess() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ResultCollectorApplication.class.getName()));
    command.addAll(
        List.of(
            RunningCollector.arguments(
                system.database, system.broker, CallbackSystem.arguments())));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("collector.log").toFile())
        .start();
  }
}

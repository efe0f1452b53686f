package io.aiopslab.tasks.collector.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.collector.EventSender;
import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.collector.callback.WebhookReceiver.Received;
import io.aiopslab.tasks.collector.callback.WebhookReceiver.Reply;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.task.CallbackAttempt;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** One collector with a retry schedule of milliseconds, and receivers that speak HTTP. */
@Timeout(120)
class CallbackIT {
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
  void aReceiverThatFailsFiveTimesGetsTheSameAgain() throws Exception {
    system.collector("retry-after=300ms,300ms,300ms,300ms,300ms,1h");
    try (WebhookReceiver flaky = failing(5)) {
      UUID task = system.ended(flaky.url());
      system.awaitState(task, CallbackState.DELIVERED);
      assertThat(flaky.received()).hasSize(6);
      long last = 0;
      for (Received request : flaky.received()) {
        assertThat(request.id()).isEqualTo(CallbackSystem.webhookId(task));
        assertThat(request.timestamp()).isGreaterThanOrEqualTo(last);
        last = request.timestamp();
        assertThat(Signature.isValid(request, CallbackSystem.SECRET)).isTrue();
        assertThat(Signature.isValid(request, CallbackSystem.OLD_SECRET)).isTrue();
        assertThat(request.body()).isEqualTo(flaky.received().get(0).body());
      }
      assertThat(last).isGreaterThan(flaky.received().get(0).timestamp());
      assertThat(system.attempts(task))
          .extracting(CallbackAttempt::status)
          .containsExactly(500, 500, 500, 500, 500, 200);
      await().ignoreExceptions().until(() -> counted("delivered") == 1);
      assertThat(counted("failed")).isEqualTo(5);
    }
  }

  @Test
  void theBodyIsTheTaskWithItsResult() throws Exception {
    system.collector();
    try (WebhookReceiver receiver = WebhookReceiver.answering(204);
        EventSender sender = new EventSender(system.broker)) {
      SimulatedRun run =
          SimulatedRun.claim(system.latest(), "kind-0", new Random(3), receiver.url());
      sender.send(run.events());
      system.latest().awaitAll(sender);
      system.awaitState(run.taskId(), CallbackState.DELIVERED);
      JsonNode body = receiver.received().get(0).json();
      assertThat(body.get("type").stringValue()).isEqualTo("task.completed");
      assertThat(body.get("timestamp")).isEqualTo(body.at("/data/completed_at"));
      assertThat(body.at("/data/id").stringValue()).isEqualTo(run.taskId().toString());
      assertThat(body.at("/data/result/reward").doubleValue()).isEqualTo(0.5);
      assertThat(body.at("/data/result/log_lines").longValue()).isEqualTo(run.lines());
      assertThat(body.at("/data/parameters/max_steps").intValue()).isEqualTo(30);
      assertThat(body.at("/data/error_details").isNull()).isTrue();
      assertThat(body.get("data").propertyNames()).doesNotContain("logs", "callback", "progress");
      assertThat(receiver.received()).hasSize(1);
    }
  }

  @Test
  void aSweptTaskCallsBackToo() {
    system.collector();
    try (WebhookReceiver receiver = WebhookReceiver.answering(200)) {
      SimulatedRun run =
          SimulatedRun.claim(system.latest(), "kind-0", new Random(3), receiver.url());
      system
          .latest()
          .sql()
          .sql("UPDATE tasks SET deadline_at = now() - interval '1 hour'")
          .update();
      assertThat(system.get(TaskEndings.class).failOverdue(Duration.ZERO)).hasSize(1);
      system.awaitState(run.taskId(), CallbackState.DELIVERED);
      JsonNode body = receiver.received().get(0).json();
      assertThat(body.get("type").stringValue()).isEqualTo("task.failed");
      assertThat(body.at("/data/failure_code").stringValue()).isEqualTo("timeout");
      assertThat(body.at("/data/result").isNull()).isTrue();
    }
  }

  @Test
  void aCancelledTaskCallsBackWithWhatFits() {
    system.collector("max-body=16KB");
    try (WebhookReceiver receiver = WebhookReceiver.answering(200)) {
      UUID task =
          system.submitted(
              receiver.url(), Json.mapper().createObjectNode().put("note", "x".repeat(20_000)));
      system.end(task);
      system.awaitState(task, CallbackState.DELIVERED);
      Received request = receiver.received().get(0);
      assertThat(request.body()).hasSizeLessThan(16 * 1024);
      assertThat(request.json().get("type").stringValue()).isEqualTo("task.cancelled");
      assertThat(request.json().get("left_out").toString()).isEqualTo("[\"data.metadata\"]");
      assertThat(request.json().at("/data/parameters/agent_config").isObject()).isTrue();
    }
  }

  @Test
  void goneStopsAndRedeliverSendsItAgain() {
    system.collector("retry-after=1ms,1ms,1ms");
    try (WebhookReceiver receiver =
        new WebhookReceiver(new Script(List.of(Reply.of(410), Reply.of(200), Reply.of(201))))) {
      UUID task = system.ended(receiver.url());
      system.awaitState(task, CallbackState.STOPPED);
      assertThat(receiver.received()).hasSize(1);
      assertThat(system.attempts(task).get(0).error()).contains("redeliver");
      for (int again = 2; again <= 3; again++) {
        assertThat(system.get(CallbackDeliveries.class).redeliver(task)).isTrue();
        system.awaitAttempts(task, again);
        system.awaitState(task, CallbackState.DELIVERED);
      }
      assertThat(receiver.received())
          .hasSize(3)
          .allMatch(request -> request.id().equals(CallbackSystem.webhookId(task)));
    }
  }

  @Test
  void retryAfterIsObeyed() {
    system.collector("retry-after=1h,1ms,1h,1h");
    String inTwoSeconds =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            InstantSource.system().instant().plusSeconds(2).atOffset(ZoneOffset.UTC));
    try (WebhookReceiver receiver =
        new WebhookReceiver(
            new Script(
                List.of(
                    new Reply(503, Map.of("Retry-After", "1")),
                    new Reply(429, Map.of("Retry-After", inTwoSeconds)),
                    new Reply(429, Map.of("Retry-After", "0")),
                    Reply.of(200))))) {
      UUID task = system.ended(receiver.url());
      system.awaitState(task, CallbackState.DELIVERED);
      List<CallbackAttempt> attempts = system.attempts(task);
      assertThat(attempts).hasSize(4);
      assertThat(Duration.between(attempts.get(0).at(), attempts.get(1).at()))
          .isBetween(Duration.ofMillis(990), Duration.ofSeconds(20));
    }
  }

  @Test
  void theLastFailureExhausts() {
    system.collector("retry-after=1ms,1ms");
    try (WebhookReceiver target = WebhookReceiver.answering(200);
        WebhookReceiver receiver =
            new WebhookReceiver(
                request -> new Reply(302, Map.of("Location", target.url("127.0.0.2"))))) {
      UUID redirected = system.ended(receiver.url());
      UUID refused = system.ended(target.url("127.0.0.2"));
      system.awaitState(redirected, CallbackState.EXHAUSTED);
      system.awaitState(refused, CallbackState.EXHAUSTED);
      assertThat(receiver.received()).hasSize(3);
      assertThat(system.attempts(redirected))
          .extracting(CallbackAttempt::error)
          .allMatch(error -> error != null && error.contains("redirects are not followed"));
      assertThat(system.attempts(refused))
          .extracting(CallbackAttempt::errorKind)
          .containsExactly(
              CallbackError.ADDRESS_REFUSED,
              CallbackError.ADDRESS_REFUSED,
              CallbackError.ADDRESS_REFUSED);
      assertThat(target.received()).isEmpty();
      assertThat(system.delivery(refused).nextAttemptAt()).isNull();
    }
  }

  @Test
  void whatCannotBeSentIsExhaustedToo() {
    system.collector("retry-after=1ms,1ms");
    UUID task = system.ended("http://not a host/");
    system.awaitState(task, CallbackState.EXHAUSTED);
    assertThat(system.attempts(task))
        .hasSize(3)
        .allMatch(attempt -> attempt.errorKind() == CallbackError.INTERNAL);
  }

  @Test
  void aDeadHostIsLeftAloneAndOthersAreServed() {
    system.collector(
        "retry-after=1h", "breaker-calls=5", "breaker-pause=1h", "per-host=2", "concurrency=4");
    try (WebhookReceiver dead = WebhookReceiver.answering(500);
        WebhookReceiver alive = WebhookReceiver.answering(200)) {
      List<UUID> waiting = IntStream.range(0, 20).mapToObj(i -> system.ended(dead.url())).toList();
      await().until(() -> dead.received().size() >= 5);
      await().until(() -> tried(waiting) == dead.received().size());
      for (int i = 0; i < 5; i++) {
        system.awaitState(system.ended(alive.url()), CallbackState.DELIVERED);
      }
      assertThat(dead.received()).hasSizeBetween(5, 6);
      assertThat(tried(waiting)).isEqualTo(dead.received().size());
      assertThat(system.latest().count("callback_deliveries WHERE state = 'pending'"))
          .isEqualTo(20);
    }
  }

  @Test
  void aHostThatNeverAnswersHoldsUpNobodyElse() throws Exception {
    system.collector("retry-after=1h", "per-host=2", "concurrency=3", "deadline=2s");
    try (RawReceiver silent = new RawReceiver(client -> Thread.sleep(60_000));
        WebhookReceiver alive = WebhookReceiver.answering(200)) {
      List<UUID> held = IntStream.range(0, 6).mapToObj(i -> system.ended(silent.url())).toList();
      await().until(() -> silent.connections.get() == 2);
      system.awaitState(system.ended(alive.url()), CallbackState.DELIVERED);
      system.awaitAttempts(held.get(0), 1);
      assertThat(system.attempts(held.get(0)).get(0).errorKind()).isEqualTo(CallbackError.TIMEOUT);
    }
  }

  private long counted(String outcome) {
    return system
        .get(MeterRegistry.class)
        .get("aiopslab.callbacks.attempts")
        .tag("outcome", outcome)
        .timer()
        .count();
  }

  private long tried(List<UUID> tasks) {
    return tasks.stream().filter(task -> system.delivery(task).attempts() > 0).count();
  }

  private static WebhookReceiver failing(int times) {
    return new WebhookReceiver(
        new Script(
            IntStream.rangeClosed(0, times)
                .mapToObj(i -> Reply.of(i < times ? 500 : 200))
                .toList()));
  }
}

package io.aiopslab.tasks.collector.callback;

import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.collector.RunningCollector;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.CallbackAttempts;
import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.CallbackAttempt;
import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackState;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Collectors on one database, and the shortest way to a task that has ended. */
final class CallbackSystem implements AutoCloseable {
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  static final String OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

  private static final List<String> SETTINGS =
      List.of(
          "--aiopslab.collector.sweep-interval=1h",
          "--aiopslab.collector.lost-worker-after=4h",
          "--aiopslab.callbacks.secret=" + SECRET + " " + OLD_SECRET,
          "--aiopslab.callbacks.allowed=127.0.0.1",
          "--aiopslab.callbacks.poll-interval=20ms",
          "--aiopslab.callbacks.deadline=10s",
          "--aiopslab.callbacks.connect-timeout=2s",
          "--aiopslab.callbacks.lease=20s",
          "--aiopslab.callbacks.breaker-calls=1000");

  final TestDatabase database = TestDatabase.createMigrated();
  final TestBroker broker = TestBroker.create();
  private final List<RunningCollector> collectors = new ArrayList<>();

  /** Starts one more; the latest is the one to ask. */
  CallbackSystem collector(String... settings) {
    collectors.add(RunningCollector.start(database, broker, arguments(settings)));
    return this;
  }

  /**
   * @param settings of callbacks, without their prefix; they take the place of those above
   */
  static String[] arguments(String... settings) {
    Map<String, String> all = new LinkedHashMap<>();
    Stream.concat(
            SETTINGS.stream(), Stream.of(settings).map(each -> "--aiopslab.callbacks." + each))
        .forEach(each -> all.put(each.substring(0, each.indexOf('=')), each));
    return all.values().toArray(String[]::new);
  }

  RunningCollector latest() {
    return collectors.get(collectors.size() - 1);
  }

  <T> T get(Class<T> type) {
    return latest().get(type);
  }

  /** A cancelled task with that callback. */
  UUID ended(String callbackUrl) {
    UUID task = submitted(callbackUrl, Json.mapper().createObjectNode());
    end(task);
    return task;
  }

  UUID submitted(String callbackUrl, ObjectNode metadata) {
    return get(TaskSubmissions.class)
        .submit(
            new TaskSpec(
                "p", "default", 5, 30, 30, Json.mapper().createObjectNode(), metadata, callbackUrl))
        .id();
  }

  void end(UUID task) {
    latest()
        .sql()
        .sql(
            "UPDATE tasks SET status = 'cancelled', completed_at = now(), changed_by = 'test'"
                + " WHERE id = ?")
        .param(task)
        .update();
  }

  CallbackDelivery delivery(UUID task) {
    return get(CallbackDeliveries.class).find(task).orElseThrow();
  }

  List<CallbackAttempt> attempts(UUID task) {
    return get(CallbackAttempts.class).newest(task, 1000);
  }

  void awaitState(UUID task, CallbackState state) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                org.assertj.core.api.Assertions.assertThat(delivery(task).state())
                    .isEqualTo(state));
  }

  void awaitAttempts(UUID task, int number) {
    await().atMost(Duration.ofSeconds(60)).until(() -> delivery(task).attempts() >= number);
  }

  static String webhookId(UUID task) {
    return "msg_" + task.toString().replace("-", "");
  }

  @Override
  public void close() {
    collectors.forEach(RunningCollector::close);
    broker.close();
    database.close();
  }
}

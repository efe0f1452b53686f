package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.failpoint.Failpoint;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Services that die exactly where it hurts, and their successors. */
@Tag("thorough")
class FailpointIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String BACKEND = "failpoint";

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<ServiceProcess> started = new ArrayList<>();
  private TestDatabase database;
  private TestBroker broker;
  private JdbcClient sql;

  @BeforeEach
  void servers() {
    database = TestDatabase.createMigrated();
    broker = TestBroker.create();
    sql = JdbcClient.create(database.dataSource());
  }

  @AfterEach
  void stop() {
    started.forEach(ServiceProcess::close);
    broker.close();
    database.close();
  }

  @Test
  void aTicketThatWasNotSentIsSentByTheNextApi() throws Exception {
    ServiceProcess committed = api(Failpoint.AFTER_COMMIT_BEFORE_PUBLISH).awaitReady();
    // The process may die before it has answered: an unknown outcome is no promise.
    CompletableFuture<?> submitted =
        post(committed, "/tasks", Map.of("problem_id", "p", "backend_type", BACKEND));
    assertThat(committed.awaitExit()).isEqualTo(Failpoint.EXIT_STATUS);
    submitted.handle((answer, failure) -> answer).join();
    String id = sql.sql("SELECT id::text FROM tasks").query(String.class).single();
    assertThat(tickets()).isEmpty();

    api(null).awaitReady();
    await().atMost(PATIENCE).until(() -> tickets().contains(id));
    assertThat(count("tasks WHERE status = 'pending'")).isEqualTo(1);
  }

  @Test
  void eventsThatWereNotAcknowledgedAndAnEndThatWasNotCommittedAreThereOnce() throws Exception {
    ServiceProcess api = api(null).awaitReady();
    post(api, "/workers/register", Map.of("id", "fp-1", "backend_type", BACKEND)).join();
    Map<String, Object> task =
        Map.of(
            "problem_id", "p", "backend_type", BACKEND, "callback_url", "http://receiver.invalid/");
    post(api, "/tasks", task).join();
    var claimed = Json.mapper().readTree(post(api, "/workers/fp-1/claim", Map.of()).join());
    String run = "/workers/fp-1/tasks/" + claimed.at("/task/id").asString();
    String session = claimed.path("session_id").asString();
    Map<String, Object> line = Map.of("level", "info", "message", "one");
    Map<String, Object> logs =
        Map.of("session_id", session, "first_seq", 0, "lines", List.of(line));
    post(api, run + "/logs", logs).join();

    ServiceProcess stored = collector(Failpoint.AFTER_INSERT_BEFORE_ACKNOWLEDGE);
    assertThat(stored.awaitExit()).isEqualTo(Failpoint.EXIT_STATUS);
    assertThat(count("task_logs")).isEqualTo(1);

    post(api, run + "/complete", Map.of("session_id", session, "reward", 1)).join();
    ServiceProcess ending = collector(Failpoint.BETWEEN_ENDING_AND_CALLBACK);
    assertThat(ending.awaitExit()).isEqualTo(Failpoint.EXIT_STATUS);
    assertThat(count("tasks WHERE status = 'running'")).isEqualTo(1);
    assertThat(count("callback_deliveries")).isZero();

    collector(null).awaitReady();
    await().atMost(PATIENCE).until(() -> count("tasks WHERE status = 'completed'") == 1);
    await().atMost(PATIENCE).until(() -> unsettledEvents() == 0);
    assertThat(count("callback_deliveries")).isEqualTo(1);
    assertThat(count("task_results")).isEqualTo(1);
    assertThat(count("task_logs")).isEqualTo(1);
    assertThat(count("task_transitions")).isEqualTo(3);
    assertThat(count("stale_reports")).isZero();
    assertThat(count("dead_letters")).isZero();
  }

  private ServiceProcess api(@Nullable Failpoint place) {
    return start("task-api", Map.of(), place);
  }

  private ServiceProcess collector(@Nullable Failpoint place) {
    // The worker of this test never beats, however long the processes take to start.
    return start("result-collector", Map.of("AIOPSLAB_COLLECTOR_LOSTWORKERAFTER", "1h"), place);
  }

  private ServiceProcess start(
      String service, Map<String, String> settings, @Nullable Failpoint place) {
    Map<String, String> environment = new HashMap<>(ServiceEnvironment.servers(database, broker));
    environment.putAll(settings);
    List<String> jvm = place == null ? List.of() : List.of("-Daiopslab.failpoint=" + place.label());
    ServiceProcess process = ServiceProcess.start(service, directory, environment, jvm);
    started.add(process);
    return process;
  }

  /** The body of the answer; fails if that is no success. */
  private CompletableFuture<String> post(ServiceProcess api, String path, Map<String, ?> body) {
    return http.sendAsync(
            HttpRequest.newBuilder(URI.create(api.url() + "/api/v1" + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(body)))
                .timeout(PATIENCE)
                .build(),
            BodyHandlers.ofString())
        .thenApply(
            answer -> {
              assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
              return answer.body();
            });
  }

  /** Ids of the tickets at the broker, which are taken. */
  private Set<String> tickets() throws Exception {
    Set<String> ids = new TreeSet<>();
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      Topology.tickets(BACKEND).declare(channel);
      for (GetResponse message = take(channel); message != null; message = take(channel)) {
        ids.add(message.getProps().getMessageId());
      }
    }
    return ids;
  }

  private static @Nullable GetResponse take(Channel channel) throws IOException {
    return channel.basicGet(Topology.ticketQueue(BACKEND), true);
  }

  /** Events that wait at the broker. */
  private long unsettledEvents() throws Exception {
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      return channel.messageCount(Topology.EVENTS_QUEUE);
    }
  }

  private long count(String query) {
    return sql.sql("SELECT count(*) FROM " + query).query(Long.class).single();
  }
}

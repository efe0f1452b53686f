package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.Json;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Each service does its work under its own name, and nothing else. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("thorough")
class LeastPrivilegeIT {
  private static final String REFUSED = "42501";
  private static final String PENDING =
      "{\"problem_id\": \"noop_detection_hotel_reservation-1\", \"backend_type\": \"nobody\"}";

  @TempDir static Path directory;
  private static GuardedSystem system;
  private static TaskClient client;
  private static HttpCalls calls;

  @BeforeAll
  static void start() {
    system = GuardedSystem.start(directory);
    client = new TaskClient(system.url());
    calls = new HttpCalls(system.url());
  }

  @AfterAll
  static void stop() {
    if (system != null) {
      system.close();
    }
  }

  @Test
  @Order(1)
  void aTaskRunsToItsEndWithEachServiceUnderItsOwnName() {
    String id = client.submit(task("default", 0, ", \"callback_url\": \"http://127.0.0.1:9/\""));
    assertThat(client.awaitEnd(id, Duration.ofSeconds(60)).path("status").asString())
        .isEqualTo("completed");
    assertThat(client.logs(id)).isNotEmpty();
    await("the callback is tried")
        .atMost(Duration.ofSeconds(20))
        .until(() -> get("/api/v1/tasks/" + id + "/callback").path("attempts").asInt() > 0);
    expect(202, calls.post("/api/v1/tasks/" + id + "/callback/redeliver", ""));
    expect(201, calls.post("/api/v1/tasks/" + id + "/retry", ""));
    assertThat(
            system
                .database()
                .sql("SELECT to_status FROM task_transitions WHERE task_id = ?::uuid ORDER BY at")
                .param(id)
                .query(String.class)
                .list())
        .containsExactly("pending", "running", "completed");
    await("the worker hears that all is stored")
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                directory
                        .resolve("spool")
                        .toFile()
                        .list((in, name) -> name.endsWith(".events"))
                        .length
                    == 0);
  }

  @Test
  @Order(2)
  void everyOtherCallOfTheApiIsAllowedToo() throws Exception {
    String running = client.submit(task("default", 30_000, ""));
    client.awaitStatus(running, "running");
    assertThat(client.cancel(running, "enough").statusCode()).isEqualTo(200);
    assertThat(client.awaitEnd(running, Duration.ofSeconds(60)).path("status").asString())
        .isEqualTo("cancelled");
    String pending = client.submit(PENDING);
    assertThat(client.cancel(pending, "never mind").statusCode()).isEqualTo(200);
    expect(201, calls.post("/api/v1/tasks/batch", "{\"tasks\": [" + PENDING + "]}"));
    HttpRequest.Builder keyed =
        HttpRequest.newBuilder(system.uri("/api/v1/tasks"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "key-" + UUID.randomUUID())
            .POST(HttpRequest.BodyPublishers.ofString(PENDING));
    for (int status : new int[] {201, 200}) {
      assertThat(
              HttpClient.newHttpClient()
                  .send(keyed.build(), HttpResponse.BodyHandlers.discarding())
                  .statusCode())
          .isEqualTo(status);
    }
    for (String path :
        List.of(
            "/tasks?status=pending",
            "/tasks/stats",
            "/workers",
            "/workers/guarded-a/stats",
            "/backends",
            "/problems",
            "/tasks/" + running + "/steps",
            "/tasks/" + running + "/trajectory")) {
      expect(200, calls.get("/api/v1" + path));
    }
    await("what has ended is in the feed")
        .atMost(Duration.ofSeconds(20))
        .until(() -> get("/api/v1/trajectories?status=cancelled").path("trajectories").size() >= 2);
    expect(200, calls.post("/api/v1/workers/guarded-a/pause", "{}"));
    expect(200, calls.post("/api/v1/workers/guarded-a/resume", "{}"));
    try (ExampleWorker worker =
        ExampleWorker.start(system.url(), "guarded-http", "http", directory)) {
      String id = client.submit(task("http", 0, ""));
      assertThat(client.awaitEnd(id, Duration.ofSeconds(60)).path("status").asString())
          .isEqualTo("completed");
      worker.terminate();
    }
  }

  @Test
  @Order(3)
  void aSessionIsAnsweredAtOnceByTheWorker() {
    SessionClient sessions = new SessionClient(system::url);
    String id = sessions.open("default", ", \"wait\": \"30s\"").text("id");
    assertThat(sessions.get(id + "?wait=30s").text("state")).isEqualTo("open");
    assertThat(sessions.step(id, 0, SessionClient.LOOK, "20s").body().path("answered").asBoolean())
        .isTrue();
    sessions.end(id);
    client.awaitEnd(id, Duration.ofSeconds(60));
  }

  @Test
  @Order(3)
  void anUnreadableMessageIsKeptByTheCollector() throws Exception {
    asUser(
        "aiopslab_worker",
        channel ->
            channel.basicPublish(
                Topology.EVENTS.name(),
                "task.log.x",
                null,
                "no event".getBytes(StandardCharsets.UTF_8)));
    await("the message is kept")
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                system
                        .database()
                        .sql("SELECT count(*) FROM dead_letters")
                        .query(Long.class)
                        .single()
                    == 1);
    String letters = "/api/v1/dead-letters";
    String id = get(letters).at("/dead_letters/0/id").asString();
    expect(202, calls.post(letters + "/" + id + "/requeue", "{\"by\": \"ana\"}"));
    await("what still cannot be read is a known letter")
        .atMost(Duration.ofSeconds(20))
        .until(() -> get(letters + "/" + id).path("state").asString().equals("returned"));
    assertThat(get(letters).path("dead_letters").size()).isEqualTo(1);
    assertThat(get(letters + "/" + id).path("seen").asInt()).isEqualTo(2);
  }

  @Test
  @Order(4)
  void anEventsQueueThatSomebodyDeletedIsDeclaredByTheCollector() {
    system.manage("DELETE", "/api/queues/aiopslab/" + Topology.EVENTS_QUEUE, "");
    String id = client.submit(task("default", 0, ""));
    assertThat(client.awaitEnd(id, Duration.ofSeconds(60)).path("status").asString())
        .isEqualTo("completed");
  }

  @Test
  @Order(5)
  void noServiceMetARefusalAndNoneShowsAPassword() throws Exception {
    assertThat(system.logs())
        .doesNotContain("permission denied", "row-level security", GuardedSystem.PASSWORD)
        .doesNotContain("whsec_");
    for (ServiceProcess service : system.services()) {
      for (String path :
          List.of("env", "configprops", "heapdump", "loggers", "beans", "threaddump", "shutdown")) {
        assertThat(new HttpCalls(service.url()).get("/actuator/" + path).status()).isEqualTo(404);
      }
      for (String path : List.of("health", "info", "prometheus", "metrics")) {
        assertThat(text(service.url() + "/actuator/" + path))
            .doesNotContain(GuardedSystem.PASSWORD, "whsec_");
      }
    }
  }

  @Test
  @Order(6)
  void theRolesMayBeAppliedAgainWhileServicesRun() {
    system.applyRoles();
    String id = client.submit(task("default", 0, ""));
    assertThat(client.awaitEnd(id, Duration.ofSeconds(60)).path("status").asString())
        .isEqualTo("completed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM tasks",
        "DELETE FROM task_logs_other",
        "TRUNCATE task_logs",
        "DROP TABLE tasks",
        "ALTER TABLE tasks DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tasks DISABLE TRIGGER ALL",
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE task_transitions (id int)",
        "INSERT INTO tasks (id, problem_id) VALUES (gen_random_uuid(), 'p')",
        "INSERT INTO task_transitions SELECT * FROM task_transitions",
        "INSERT INTO task_results SELECT * FROM task_results",
        "INSERT INTO task_logs SELECT * FROM task_logs",
        "UPDATE task_results SET reward = 1",
        "UPDATE task_logs SET message = ''",
        "UPDATE tasks SET priority = 10",
        "UPDATE tasks SET completed_at = now()",
        "UPDATE tasks SET cancel_requested_at = now()",
        "UPDATE tasks SET agent_config = '{}'",
        "UPDATE workers SET paused_at = NULL",
        "UPDATE workers SET db_role = current_user",
        "DELETE FROM workers",
        "SELECT * FROM task_results",
        "SELECT * FROM task_logs",
        "SELECT * FROM callback_deliveries",
        "SELECT * FROM idempotency_keys",
        "SELECT * FROM dead_letters",
        "SELECT * FROM dead_letter_requeues",
        "SELECT * FROM stale_reports",
        "SELECT ensure_task_logs_partition(now())",
        "SELECT feed_trajectories(1, interval '0')",
        "SELECT * FROM trajectory_feed",
        "COPY tasks TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
        "SET ROLE aiopslab_api"
      })
  void theWorkersRoleIsRefused(String sql) {
    assertRefused("aiopslab_worker", sql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aiopslab_api: DELETE FROM tasks",
        "aiopslab_api: UPDATE task_results SET reward = 1",
        "aiopslab_api: INSERT INTO task_transitions SELECT * FROM task_transitions",
        "aiopslab_api: CREATE TABLE mine (id int)",
        "aiopslab_api: UPDATE dead_letters SET seen = 1",
        "aiopslab_api: INSERT INTO dead_letters SELECT * FROM dead_letters",
        "aiopslab_api: UPDATE dead_letter_requeues SET asked_by = 'somebody else'",
        "aiopslab_api: DELETE FROM dead_letter_requeues",
        "aiopslab_collector: SELECT * FROM dead_letter_requeues",
        "aiopslab_readonly: SELECT * FROM dead_letters",
        "aiopslab_collector: INSERT INTO tasks (id, problem_id) VALUES (gen_random_uuid(), 'p')",
        "aiopslab_collector: UPDATE workers SET status = 'idle'",
        "aiopslab_collector: UPDATE task_logs SET message = ''",
        "aiopslab_collector: SELECT * FROM idempotency_keys",
        "aiopslab_collector: TRUNCATE task_steps",
        "aiopslab_api: SELECT standing_of_report(NULL, NULL, 0, 0)",
        "aiopslab_readonly: SELECT standing_of_report(NULL, NULL, 0, 0)",
        "aiopslab_collector: INSERT INTO trajectory_feed SELECT * FROM trajectory_feed",
        "aiopslab_collector: DELETE FROM trajectory_queue",
        "aiopslab_api: SELECT feed_trajectories(1, interval '0')",
        "aiopslab_readonly: UPDATE tasks SET priority = 1",
        "aiopslab_readonly: SELECT * FROM idempotency_keys",
        "aiopslab_readonly: CREATE TEMP TABLE mine (id int)"
      })
  void noOtherRoleHasMoreThanItNeeds(String roleAndSql) {
    String[] parts = roleAndSql.split(": ", 2);
    assertRefused(parts[0], parts[1]);
  }

  @Test
  void aWorkerMayClaimButNotStealProlongOrEndARun() throws SQLException {
    String id = client.submit(PENDING);
    String claim =
        """
        UPDATE tasks SET status = 'running', session_id = gen_random_uuid(), worker_id = '%s',
          started_at = now(), deadline_at = now() + make_interval(mins => %s),
          changed_by = 'worker:%s'
        WHERE id = '%s'
        """;
    try (Connection worker = system.connectAs("aiopslab_worker");
        Statement statement = worker.createStatement()) {
      register(statement, "guarded-b");
      for (String refused :
          List.of(
              claim.formatted("unheard-of", "timeout_minutes", "unheard-of", id),
              claim.formatted("guarded-b", "100000", "guarded-b", id),
              claim.formatted("guarded-b", "timeout_minutes", "guarded-a", id),
              "UPDATE tasks SET changed_by = 'me' WHERE id = '" + id + "'")) {
        assertThatThrownBy(() -> statement.executeUpdate(refused)).hasMessageContaining("tasks");
      }
      assertThat(
              statement.executeUpdate(
                  claim.formatted("guarded-b", "timeout_minutes", "guarded-b", id)))
          .isEqualTo(1);
      for (String unseen :
          List.of(
              "session_id = gen_random_uuid()",
              "deadline_at = now() + interval '1 year'",
              "worker_id = 'guarded-b'",
              "status = 'completed'",
              "status = 'pending'")) {
        assertThat(
                statement.executeUpdate("UPDATE tasks SET " + unseen + " WHERE id = '" + id + "'"))
            .isZero();
      }
    }
  }

  @Test
  void aWorkerOfAnotherHostHasNoHandOnThisOnes() throws SQLException {
    system.database().sql("DROP ROLE IF EXISTS other_host").update();
    system.database().sql("CREATE ROLE other_host LOGIN IN ROLE aiopslab_worker").update();
    String id = client.submit(PENDING);
    try (Connection here = system.connectAs("aiopslab_worker");
        Statement owner = here.createStatement();
        Connection there = system.connectAs("other_host");
        Statement other = there.createStatement()) {
      register(owner, "guarded-c");
      register(other, "other-host-a");
      assertThat(other.executeUpdate("UPDATE workers SET status = 'idle' WHERE id = 'guarded-c'"))
          .isZero();
      assertThat(other.executeUpdate("UPDATE workers SET status = 'busy'")).isEqualTo(1);
      assertThatThrownBy(() -> register(other, "guarded-c")).hasMessageContaining("row-level");
      assertThatThrownBy(
              () ->
                  other.executeUpdate(
                      """
                      UPDATE tasks SET status = 'running', session_id = gen_random_uuid(),
                        worker_id = 'guarded-c', started_at = now(),
                        deadline_at = now() + make_interval(mins => timeout_minutes),
                        changed_by = 'worker:guarded-c' WHERE id = '%s'
                      """
                          .formatted(id)))
          .hasMessageContaining("row-level");
    }
  }

  @Test
  void thePoliciesLeaveTheClaimItsIndex() throws SQLException {
    try (Connection worker = system.connectAs("aiopslab_worker");
        Statement statement = worker.createStatement()) {
      statement.execute("SET enable_seqscan = off");
      StringBuilder plan = new StringBuilder();
      try (ResultSet rows =
          statement.executeQuery(
              """
              EXPLAIN SELECT id FROM tasks WHERE status = 'pending' AND backend_type = 'default'
              ORDER BY priority DESC, turn, created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
              """)) {
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
      }
      assertThat(plan.toString()).contains("tasks_pending").doesNotContain("Sort");
    }
  }

  @Test
  void theBrokerRefusesWhatAServiceHasNoUseFor() throws Exception {
    String events = Topology.EVENTS_QUEUE;
    String commands = Topology.commandQueue("guarded-a");
    Map<String, List<Attempt>> attempts =
        Map.of(
            "aiopslab_worker",
            List.of(
                channel -> channel.basicGet(events, false),
                channel -> channel.queuePurge(events),
                channel -> channel.queueDelete(events),
                channel -> channel.basicGet("dead.letters", false),
                channel -> channel.queueDeclare("mine", true, false, false, Map.of()),
                channel -> channel.exchangeDeclare("mine", "fanout"),
                channel -> channel.queueBind(commands, Topology.EVENTS.name(), "task.#"),
                channel -> publish(channel, Topology.TASKS.name(), "backend.default"),
                channel -> publish(channel, Topology.CLUSTERS.name(), "cluster.guarded-a"),
                channel -> publish(channel, "aiopslab.dead", ""),
                channel -> publish(channel, "", commands)),
            "aiopslab_api",
            List.of(
                channel -> channel.basicGet(events, false),
                channel -> channel.basicGet(commands, false),
                channel -> channel.queueDelete(events),
                channel -> publish(channel, "", events)),
            "aiopslab_collector",
            List.of(
                channel -> channel.basicGet(commands, false),
                channel -> publish(channel, Topology.EVENTS.name(), "task.log.x"),
                channel -> publish(channel, Topology.CLUSTERS.name(), "cluster.guarded-a"),
                channel -> channel.queueDelete(commands)));
    for (Map.Entry<String, List<Attempt>> entry : attempts.entrySet()) {
      int number = 0;
      for (Attempt attempt : entry.getValue()) {
        int place = number++;
        assertThatThrownBy(() -> asUser(entry.getKey(), attempt))
            .as("%s, attempt %d", entry.getKey(), place)
            .hasStackTraceContaining("ACCESS_REFUSED");
      }
    }
  }

  /** The broker tells it with its statistics, which are some seconds old. */
  @Test
  void thePoliciesApplyToTheQueuesTheyAreMeantFor() {
    Map<String, String> expected =
        Map.of(
            Topology.EVENTS_QUEUE,
            "events",
            Topology.ticketQueue("default"),
            "tickets",
            Topology.commandQueue("guarded-a"),
            "commands",
            "dead.letters",
            "dead");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(expected)
                    .allSatisfy((queue, policy) -> assertThat(policyOf(queue)).isEqualTo(policy)));
  }

  /** The broker tells policies with its statistics, which are some seconds old. */
  @Test
  void theBrokerHasWhatTheOperatorsPageSays() {
    assertThat(DocumentedTopology.exchanges(system))
        .isEqualTo(DocumentedTopology.rows("exchange", 2));
    assertThat(DocumentedTopology.bindings(system)).isEqualTo(DocumentedTopology.rows("from", 3));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(DocumentedTopology.queues(system))
                    .isEqualTo(DocumentedTopology.rows("queue", 2)));
  }

  @Test
  void connectionsAndConsumersSayWhoseTheyAre() {
    client.submit(PENDING);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              assertThat(named("connections", "/client_properties/connection_name"))
                  .anyMatch(name -> name.matches("task-api \\S+ @ \\S+"))
                  .anyMatch(name -> name.matches("task-api \\S+ @ \\S+\\.publisher"))
                  .anyMatch(name -> name.matches("result-collector \\S+ @ \\S+"))
                  .anyMatch(
                      name ->
                          name.matches(
                              "task-worker \\S+ @ \\S+: guarded-a, guarded-prints, guarded-long"));
              assertThat(named("consumers/aiopslab", "/consumer_tag"))
                  .anyMatch(tag -> tag.matches("result-collector@\\S+/events"))
                  .anyMatch(tag -> tag.matches("task-api@\\S+/replies"));
            });
  }

  private static List<String> named(String kind, String pointer) {
    return Json.mapper()
        .readTree(system.manage("GET", "/api/" + kind, ""))
        .valueStream()
        .map(one -> one.at(pointer).asString(""))
        .toList();
  }

  private static String policyOf(String queue) {
    return Json.mapper()
        .readTree(system.manage("GET", "/api/queues/aiopslab/" + queue, ""))
        .path("policy")
        .asString();
  }

  private static void publish(Channel channel, String exchange, String key) throws Exception {
    channel.confirmSelect();
    channel.basicPublish(exchange, key, null, new byte[] {1});
    channel.waitForConfirmsOrDie(10_000);
  }

  private static void asUser(String user, Attempt attempt) throws Exception {
    ConnectionFactory factory = system.broker().connectionFactory();
    factory.setUsername(user);
    factory.setPassword(GuardedSystem.PASSWORD);
    factory.setVirtualHost(GuardedSystem.VIRTUAL_HOST);
    try (com.rabbitmq.client.Connection connection = factory.newConnection()) {
      attempt.make(connection.createChannel());
    }
  }

  private static void register(Statement statement, String worker) throws SQLException {
    statement.executeUpdate(
        """
        INSERT INTO workers (id, backend_type, status, incarnation, capabilities, metadata)
        VALUES ('%s', 'nobody', 'idle', gen_random_uuid(), '{}', '{}')
        ON CONFLICT (id) DO UPDATE SET status = 'idle'
        """
            .formatted(worker));
  }

  private static void assertRefused(String role, String sql) {
    assertThatThrownBy(
            () -> {
              try (Connection connection = system.connectAs(role);
                  Statement statement = connection.createStatement()) {
                statement.execute(sql);
              }
            })
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(REFUSED));
  }

  private static String task(String backend, int delayMillis, String more) {
    return """
    {"problem_id": "noop_detection_hotel_reservation-1", "backend_type": "%s",
     "agent_config": {"agent": "scripted", "actions": ["submit(\\"No\\")"], "delay_ms": %d}%s}
    """
        .formatted(backend, delayMillis, more);
  }

  private static JsonNode get(String path) {
    return calls.get(path).body();
  }

  private static String text(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(java.net.URI.create(url)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static void expect(int status, HttpCalls.Answer answer) {
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(status);
  }

  @FunctionalInterface
  private interface Attempt {
    void make(Channel channel) throws Exception;
  }
}

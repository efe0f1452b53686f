package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Whatever is submitted, reported or sent stays data, from one end to the other. */
@Tag("thorough")
class HostileDataIT {
  private static final String CANARY = "executed-canary";
  private static final String TOLD = "AIOPSLAB_AGENT_CONFIG=";
  private static final List<String> HOSTILE =
      List.of(
          "$(touch " + CANARY + ")",
          "`touch " + CANARY + "`",
          "; touch " + CANARY + " #",
          "| touch " + CANARY,
          "x\ntouch " + CANARY + "\n",
          "'; DROP TABLE tasks; --",
          "\" OR 1=1 --",
          "<script>alert(1)</script><img src=x onerror=alert(1)>",
          "\u001b[2J\u001b]0;owned\u0007",
          "x\r\nforged: header\r\n\r\n<html>",
          "x\n\nid: 9\nevent: end\ndata: {\"forged\":true}\n\n",
          "x\r2026-11-23T08:00:00.000Z ERROR 1 --- forged record",
          "\u202egpj.exe\u2066\u2069\u200b\u2028forged\u2029",
          "\ud83d\ude08\ud83c\udff4\u200d\u2620\ufe0f",
          "../../../../etc/passwd",
          "..\\..\\windows\\win.ini",
          "file:///etc/passwd",
          "${jndi:ldap://127.0.0.1:1/x} {{7*7}} #{7*7} %{7*7}",
          "%n%s%x%00%0d%0aforged",
          "__proto__",
          "--help");

  @TempDir static Path directory;
  private static GuardedSystem system;
  private static TaskClient client;

  @BeforeAll
  static void start() {
    system = GuardedSystem.start(directory);
    client = new TaskClient(system.url());
  }

  @AfterAll
  static void stop() {
    if (system != null) {
      system.close();
    }
  }

  @AfterEach
  void nothingWasExecutedAndNoLogRecordForged() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(file -> file.getFileName().toString().contains(CANARY))).isEmpty();
    }
    assertThat(Path.of(CANARY)).doesNotExist();
    assertThat(system.logs().lines().filter(HostileDataIT::isForged)).isEmpty();
  }

  private static boolean isForged(String line) {
    return line.startsWith("forged")
        || line.startsWith("2026-11-23T08:00:00.000Z")
        || line.chars().anyMatch(c -> c == 0x1b || c == 0x202e);
  }

  @Test
  void isStoredAndReturnedExactlyAsSent() {
    for (String hostile : HOSTILE) {
      ObjectNode task = body(hostile, "nobody");
      HttpResponse<String> submitted = client.post(task.toString());
      assertThat(submitted.statusCode()).as("%s", submitted.body()).isEqualTo(201);
      assertJson(submitted);
      String id = Json.mapper().readTree(submitted.body()).path("id").asString();
      HttpResponse<String> found = get("/api/v1/tasks/" + id);
      assertJson(found);
      JsonNode read = Json.mapper().readTree(found.body());
      assertThat(read.path("problem_id").asString()).isEqualTo(hostile);
      assertThat(read.path("metadata")).isEqualTo(task.path("metadata"));
      assertThat(read.at("/parameters/agent_config")).isEqualTo(task.path("agent_config"));
      HttpResponse<String> listed =
          get("/api/v1/tasks?backend_type=nobody&problem_id=" + encode(hostile));
      assertJson(listed);
      JsonNode tasks = Json.mapper().readTree(listed.body()).path("tasks");
      assertThat(tasks).as("%s", hostile).hasSize(1);
      assertThat(tasks.get(0).path("id").asString()).isEqualTo(id);
    }
  }

  @Test
  void reachesRunsAsDataOnly() {
    List<String> printed = new ArrayList<>();
    for (String hostile : HOSTILE) {
      printed.add(client.submit(body(hostile, "prints").toString()));
    }
    ObjectNode unknown = body(HOSTILE.get(0), "default");
    unknown.putObject("agent_config");
    String simulated = client.submit(unknown.toString());
    ObjectNode scripted = body("noop_detection_hotel_reservation-1", "default");
    ObjectNode config = scripted.putObject("agent_config");
    config.put("agent", "scripted");
    HOSTILE.forEach(
        hostile ->
            config
                .withArray("actions")
                .add("exec_shell(" + Json.mapper().valueToTree(hostile) + ")"));
    config.withArray("actions").add("submit(\"No\")");
    String acted = client.submit(scripted.toString());

    for (int i = 0; i < HOSTILE.size(); i++) {
      String id = printed.get(i);
      assertThat(client.awaitEnd(id, Duration.ofMinutes(2)).path("status").asString())
          .isEqualTo("completed");
      String told =
          client.logs(id).stream()
              .map(line -> line.path("message").asString())
              .filter(line -> line.startsWith(TOLD))
              .map(line -> line.substring(TOLD.length()))
              .findFirst()
              .orElseThrow();
      assertThat(Json.mapper().readTree(told).path("note").asString()).isEqualTo(HOSTILE.get(i));
    }
    assertThat(client.task(simulated).path("unplayable").asString())
        .as("no worker has named it")
        .contains(HOSTILE.get(0));
    assertThat(client.cancel(simulated, "over").statusCode()).isEqualTo(200);
    assertThat(client.awaitEnd(acted, Duration.ofSeconds(60)).path("completed_at").isNull())
        .isFalse();
  }

  @Test
  void aLineOfALogCannotForgeAnEventOfAStream() {
    String worker = "hostile-" + UUID.randomUUID().toString().substring(0, 8);
    ok(post("/api/v1/workers/register", object("id", worker, "backend_type", worker)));
    String id = client.submit(body("p", worker).toString());
    HttpResponse<String> claim =
        ok(post("/api/v1/workers/" + worker + "/claim?wait=20s", object()));
    String session = Json.mapper().readTree(claim.body()).path("session_id").asString();
    String run = "/api/v1/workers/" + worker + "/tasks/" + id;
    ObjectNode report = object("session_id", session).put("first_seq", 0);
    HOSTILE.forEach(hostile -> report.withArray("lines").addObject().put("message", hostile));
    report.withArray("lines").addObject().put("message", "nul \u0000 end");
    ok(post(run + "/logs", report));
    ok(post(run + "/fail", object("session_id", session, "error_details", HOSTILE.get(10))));
    client.awaitEnd(id, Duration.ofSeconds(30));

    List<String> wanted = new ArrayList<>(HOSTILE);
    wanted.add("nul \ufffd end");
    List<String> stored = client.logs(id).stream().map(l -> l.path("message").asString()).toList();
    assertThat(stored).containsSubsequence(wanted);
    HttpResponse<String> stream = get("/api/v1/tasks/" + id + "/events");
    assertThat(stream.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    assertNoSniff(stream);
    List<String> lines = stream.body().lines().toList();
    assertThat(lines).allMatch(line -> line.matches("(?s)|(id|event|data|retry): .*|:.*"));
    assertThat(lines.stream().filter(line -> line.equals("event: log")).count())
        .isEqualTo(stored.size());
    assertThat(lines.stream().filter(line -> line.equals("event: end")).count()).isEqualTo(1);
    assertThat(lines).noneMatch(line -> line.equals("data: {\"forged\":true}"));
  }

  @Test
  void namesThatAreNoNamesAreRefusedByFieldAndRule() {
    for (String hostile : HOSTILE) {
      refused(post("/api/v1/workers/register", object("id", hostile, "backend_type", "b")), "id");
      ObjectNode task = body("p", hostile);
      refused(post("/api/v1/tasks", task), "backend_type");
      task.put("backend_type", "b").put("callback_url", hostile);
      refused(post("/api/v1/tasks", task), "callback_url");
      for (String path : List.of("tasks", "workers")) {
        HttpResponse<String> answer = get("/api/v1/" + path + "/" + encode(hostile));
        assertThat(answer.statusCode()).as("%s %s", hostile, answer.body()).isBetween(400, 404);
        assertJson(answer);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /api/v1/tasks/%0d%0aforged:%20header HTTP/1.1",
        "GET /api/v1/tasks?problem_id=%0d%0aforged:%201&limit=x%0d%0aforged HTTP/1.1",
        "GET /api/v1/<script> HTTP/1.1",
        "GET /api/v1/../../actuator/env HTTP/1.1",
        "GET /api/v1/..;/actuator/env HTTP/1.1",
        "GET /api/v1/tasks HTTP/1.1\r\nX-Request-Id: a\rforged: b",
        "GET /api/v1/tasks HTTP/1.1\r\nX-Request-Id: <script>",
        "TRACE /api/v1/tasks HTTP/1.1",
        "GET /nowhere HTTP/1.1"
      })
  void anAnswerCarriesNothingOfARequestInItsHeaders(String request) throws IOException {
    URI api = URI.create(system.url());
    try (Socket socket = new Socket(api.getHost(), api.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              (request + "\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      try (InputStream in = socket.getInputStream()) {
        String head = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\r\n\r\n", 2)[0];
        assertThat(head)
            .containsIgnoringCase("X-Content-Type-Options: nosniff")
            .doesNotContain("forged", "<script>");
      }
    }
  }

  @Test
  void aMessageCannotForgeARecordInALog() throws Exception {
    String forged = "x\r\nforged\n2026-11-23T08:00:00.000Z ERROR \u001b[2Jowned\u202e";
    ConnectionFactory factory = system.broker().connectionFactory();
    factory.setVirtualHost(GuardedSystem.VIRTUAL_HOST);
    system.manage(
        "PUT",
        "/api/permissions/aiopslab/" + system.broker().username(),
        "{\"configure\": \"\", \"write\": \".*\", \"read\": \"\"}");
    String command =
        object(
                "kind", forged,
                "task_id", UUID.randomUUID().toString(),
                "session_id", UUID.randomUUID().toString())
            .put("v", 1)
            .toString();
    try (Connection connection = factory.newConnection()) {
      var channel = connection.createChannel();
      BasicProperties named = new BasicProperties.Builder().messageId(forged).build();
      String events = Topology.EVENTS.name();
      channel.basicPublish(events, "task.logs.x", named, forged.getBytes(StandardCharsets.UTF_8));
      String commands = Topology.CLUSTERS.name();
      channel.basicPublish(
          commands, "cluster.guarded-a", null, command.getBytes(StandardCharsets.UTF_8));
      channel.basicPublish(
          commands, "cluster.guarded-a", null, forged.getBytes(StandardCharsets.UTF_8));
      await("both services have said so")
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  system
                              .database()
                              .sql("SELECT count(*) FROM dead_letters")
                              .query(Long.class)
                              .single()
                          == 1
                      && system.logs().contains("what is no command")
                      && system.logs().contains("a command of kind"));
    }
  }

  private static ObjectNode body(String hostile, String backend) {
    ObjectNode task = object("problem_id", hostile, "backend_type", backend);
    task.putObject("metadata").put(hostile, hostile).putArray("list").add(hostile);
    task.putObject("agent_config").put("note", hostile).put(hostile, 1);
    return task;
  }

  private static ObjectNode object(String... namesAndValues) {
    ObjectNode object = Json.mapper().createObjectNode();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return object;
  }

  private static HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(system.uri(path)));
  }

  /** Sends it again as long as the service asks for that. */
  private static HttpResponse<String> post(String path, ObjectNode body) {
    return await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> postOnce(path, body), answer -> answer.statusCode() != 503);
  }

  private static HttpResponse<String> postOnce(String path, ObjectNode body) {
    return send(
        HttpRequest.newBuilder(system.uri(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return HttpClient.newHttpClient()
          .send(
              request.timeout(Duration.ofSeconds(60)).build(),
              HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static HttpResponse<String> ok(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as("%s", answer.body()).isBetween(200, 201);
    return answer;
  }

  private static void refused(HttpResponse<String> answer, String field) {
    assertThat(answer.statusCode()).as("%s", answer.body()).isEqualTo(400);
    assertJson(answer);
    JsonNode details = Json.mapper().readTree(answer.body()).path("details");
    assertThat(details.findValuesAsString("field")).as("%s", answer.body()).containsExactly(field);
    assertThat(details.get(0).path("rule").asString()).isNotEmpty();
  }

  private static void assertJson(HttpResponse<String> answer) {
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .matches("application/(problem\\+)?json(;.*)?");
    assertNoSniff(answer);
  }

  private static void assertNoSniff(HttpResponse<String> answer) {
    assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

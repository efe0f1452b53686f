package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.store.RunProgress;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Phase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What holds for every call. */
class RulesIT {
  private static final Instant THEN = Instant.parse("2026-11-23T08:00:00Z");
  private static final Duration LONG = Duration.ofSeconds(60);

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  private static RunningApi small;

  @BeforeAll
  static void start() {

    small =
        api.another(
            "--aiopslab.database.answer=60s",
            "--spring.datasource.hikari.data-source-properties.options=-c lock_timeout=60s",
            "--aiopslab.api.cors.allowed-origins=https://dashboard.example",
            "--aiopslab.api.size.body=300KB",
            "--aiopslab.api.load.writes.concurrent=2",
            "--aiopslab.api.load.writes.queue=2",
            "--aiopslab.api.load.longest-queueing=60s",
            "--aiopslab.api.load.waits=2");
  }

  @AfterAll
  static void stop() {
    small.close();
  }

  @Test
  void aRequestIdIsKeptOrMade() {
    Answer kept = with("X-Request-Id", "trainer-7_a.b", "/api/v1/nothing");
    assertThat(kept.header("X-Request-Id")).isEqualTo("trainer-7_a.b");
    assertThat(kept.json().get("request_id").stringValue()).isEqualTo("trainer-7_a.b");
    for (String bad : List.of("a b", "a/b", "x".repeat(129), "<script>")) {
      Answer made = with("X-Request-Id", bad, "/api/v1/tasks?limit=0");
      assertProblem(made, 400);
      assertThat(made.header("X-Request-Id")).matches("[A-Za-z0-9._-]{1,128}").isNotEqualTo(bad);
      assertThat(made.json().get("request_id").stringValue())
          .isEqualTo(made.header("X-Request-Id"));
    }
    assertThat(api.get("/actuator/health").header("X-Request-Id")).isNotEmpty();
    String id = submitted("request-id");
    assertThat(api.get("/api/v1/tasks/" + id + "?wait=10ms").header("X-Request-Id")).isNotEmpty();
  }

  @Test
  void theTagChangesWithWhateverIsShown() {
    String id = submitted("etag");
    String path = "/api/v1/tasks/" + id;
    Set<String> tags = new HashSet<>();
    tags.add(api.get(path).header("ETag"));
    assertUnchanged(path);
    assertThat(api.bean(TaskClaims.class).claim("worker-1", "etag", UUID.randomUUID())).isPresent();
    for (int steps = 0; steps < 2; steps++) {
      tags.add(api.get(path).header("ETag"));
      api.bean(RunProgress.class)
          .advance(
              List.of(
                  new RunProgress.Advance(
                      UUID.fromString(id), Phase.RUNNING, 1, steps, Map.of(), THEN)));
      assertUnchanged(path);
      assertUnchanged(path + "?wait=10ms");
    }
    tags.add(api.get(path).header("ETag"));
    tags.add(api.get(path + "?include_logs=true").header("ETag"));
    assertThat(tags).hasSize(5).allMatch(tag -> tag.startsWith("W/\""));
    assertThat(with("If-None-Match", "W/\"other\"", path).status()).isEqualTo(200);
  }

  private static void assertUnchanged(String path) {
    String tag = api.get(path).header("ETag");
    Answer answer = with("If-None-Match", tag, path);
    assertThat(answer.status()).as("%s", answer).isEqualTo(304);
    assertThat(answer.response().body()).isEmpty();
    assertThat(answer.header("ETag")).isEqualTo(tag);
  }

  @Test
  void largeJsonIsCompressed() throws Exception {
    String id = submitted("gzip");
    api.bean(TaskLogs.class)
        .append(
            LongStream.range(0, 100)
                .mapToObj(seq -> new LogLine(seq, THEN, LogLevel.INFO, "line", null))
                .map(line -> new TaskLogs.Entry(UUID.fromString(id), line))
                .toList());
    HttpResponse<byte[]> answer = compressed("/api/v1/tasks/" + id + "/logs");
    assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
    try (GZIPInputStream body = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).contains("\"seq\":99");
    }
  }

  @Test
  void otherSitesAreOnlyLetInWhereTheyAreNamed() {
    String origin = "https://dashboard.example";
    assertThat(with("Origin", origin, "/api/v1/tasks").header("Access-Control-Allow-Origin"))
        .isEmpty();
    HttpRequest.Builder allowed =
        HttpRequest.newBuilder(small.url("/api/v1/tasks")).header("Origin", origin);
    assertThat(small.send(allowed).header("Access-Control-Allow-Origin")).isEqualTo(origin);
    HttpRequest.Builder refused =
        HttpRequest.newBuilder(small.url("/api/v1/tasks")).header("Origin", "https://evil.example");
    Answer answer = small.send(refused);
    assertProblem(answer, 403);
    assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void whatIsTooLargeIsAProblem() throws IOException {
    assertProblem(api.get("/api/v1/tasks?status=" + "x".repeat(9000)), 414);
    assertProblem(with("X-Large", "x".repeat(17_000), "/api/v1/tasks"), 431);
    assertThat(raw("GET /" + "x".repeat(60_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .containsPattern("HTTP/1.1 4[0-9][0-9]")
        .contains("application/problem+json");
    byte[] large =
        ("{\"problem_id\":\"p\"}" + " ".repeat(400_000)).getBytes(StandardCharsets.UTF_8);
    HttpRequest.Builder chunked =
        HttpRequest.newBuilder(small.url("/api/v1/tasks"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)));
    assertProblem(small.send(chunked), 413);
  }

  /** However many submissions there are, whoever runs a task is heard. */
  @Test
  void submissionsFillNoWorkersGate() throws Exception {
    String worker = "{\"id\":\"heard\",\"backend_type\":\"heard\"}";
    assertThat(small.post("/api/v1/workers/register", worker).status()).isEqualTo(201);
    String id = small.submit("{\"problem_id\":\"p\",\"backend_type\":\"heard\"}").id();
    Answer claimed = small.post("/api/v1/workers/heard/claim?wait=20s", "{}");
    String session = "{\"session_id\":" + claimed.json().get("session_id") + ",";
    List<CompletableFuture<Answer>> all = new ArrayList<>();
    try (Connection connection = api.database().dataSource().getConnection();
        Statement lock = connection.createStatement()) {
      connection.setAutoCommit(false);
      lock.execute("LOCK TABLE tasks IN EXCLUSIVE MODE");
      for (int i = 0; i < 5; i++) {
        all.add(onThread(() -> small.submit("{\"problem_id\":\"p\",\"backend_type\":\"load\"}")));
      }
      await().atMost(LONG).until(() -> all.stream().anyMatch(CompletableFuture::isDone));
      assertThat(small.post("/api/v1/workers/heard/heartbeat", "{}").status()).isEqualTo(200);
      String run = "/api/v1/workers/heard/tasks/" + id;
      String lines = session + "\"first_seq\":0,\"lines\":[{\"message\":\"m\"}]}";
      assertThat(small.post(run + "/logs", lines).status()).isEqualTo(200);
      assertThat(small.post(run + "/complete", session + "\"reward\":1}").status()).isEqualTo(200);
      connection.rollback();
    }
    for (CompletableFuture<Answer> one : all) {
      assertThat(one.get().status()).isIn(201, 503);
    }
  }

  /** More of them than there are turns; who sends his body at once is served meanwhile. */
  @Test
  void slowUploadsHoldNobodysTurn() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        Socket one = new Socket("localhost", small.url("/").getPort());
        slow.add(one);
        one.getOutputStream()
            .write(
                ("POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
                    .getBytes(StandardCharsets.US_ASCII));
      }
      Answer quick = small.submit("{\"problem_id\":\"p\",\"backend_type\":\"quick\"}");
      assertThat(quick.status()).as("%s", quick).isEqualTo(201);
      for (Socket one : slow) {
        one.setSoTimeout(60_000);
        byte[] answer = one.getInputStream().readNBytes("HTTP/1.1 408".length());
        assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 408");
      }
    } finally {
      for (Socket one : slow) {
        one.close();
      }
    }
  }

  /** A lock holds those that are let in; the others must hear of it while it is held. */
  @Test
  void overloadIsAnsweredAtOnce() throws Exception {
    List<CompletableFuture<Answer>> held = new ArrayList<>();
    int refused = 0;
    try (Connection connection = api.database().dataSource().getConnection();
        Statement lock = connection.createStatement()) {
      connection.setAutoCommit(false);
      lock.execute("LOCK TABLE tasks IN EXCLUSIVE MODE");
      List<CompletableFuture<Answer>> all = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        all.add(onThread(() -> small.submit("{\"problem_id\":\"p\",\"backend_type\":\"load\"}")));
      }
      await().atMost(LONG).until(() -> all.stream().filter(CompletableFuture::isDone).count() >= 8);
      for (CompletableFuture<Answer> one : all) {
        if (one.isDone()) {
          Answer answer = one.get();
          assertProblem(answer, 503);
          assertThat(answer.header("Retry-After")).isNotEmpty();
          assertThat(answer.json().get("code").stringValue()).isEqualTo("overloaded");
          refused++;
        } else {
          held.add(one);
        }
      }
      assertThat(small.get("/api/v1/tasks?limit=1").status()).isEqualTo(200);
      connection.rollback();
    }
    assertThat(refused).isEqualTo(8);
    for (CompletableFuture<Answer> one : held) {
      assertThat(one.get().status()).isEqualTo(201);
    }
  }

  @Test
  void waitsAreBoundedAndGiveTheirPlaceBack() throws Exception {
    String id = submitted("waits");
    String path = "/api/v1/tasks/" + id + "?wait=60s";
    List<CompletableFuture<Answer>> waiting =
        List.of(onThread(() -> small.get(path)), onThread(() -> small.get(path)));
    await()
        .atMost(LONG)
        .until(() -> small.get("/api/v1/tasks/" + id + "?wait=1ms").status() == 503);
    api.sql()
        .update(
            "UPDATE tasks SET status = 'cancelled', completed_at = now(), changed_by = 'test'"
                + " WHERE id = ?",
            UUID.fromString(id));
    for (CompletableFuture<Answer> one : waiting) {
      assertThat(one.get().status()).isEqualTo(200);
    }
    await().atMost(LONG).until(() -> small.get(path).status() == 200);
  }

  private static CompletableFuture<Answer> onThread(java.util.function.Supplier<Answer> call) {
    return CompletableFuture.supplyAsync(call, task -> new Thread(task).start());
  }

  private static Answer with(String header, String value, String path) {
    return api.send(HttpRequest.newBuilder(api.url(path)).header(header, value));
  }

  private static HttpResponse<byte[]> compressed(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(api.url(path)).header("Accept-Encoding", "gzip").build(),
            BodyHandlers.ofByteArray());
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket("localhost", api.url("/").getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(800), StandardCharsets.UTF_8);
    }
  }

  private static String submitted(String backend) {
    return api.submit("{\"problem_id\":\"p\",\"backend_type\":\"" + backend + "\"}").id();
  }
}

package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.api.EventReader.Event;
import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.store.RunProgress;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsIT {
  private static final Instant THEN = Instant.parse("2026-11-23T08:00:00Z");
  private static final Duration LONG = Duration.ofSeconds(30);

  @RegisterExtension
  static final RunningApi api = RunningApi.onItsOwnServers("--aiopslab.api.streams.heartbeat=1s");

  private static RunningApi other;

  @BeforeAll
  static void start() {

    other =
        api.another(
            "--aiopslab.api.streams.slowest=2s",
            "--aiopslab.api.streams.patience=1s",
            "--aiopslab.api.streams.most=3");
  }

  @AfterAll
  static void stop() {
    other.close();
  }

  @Test
  void whoAcceptsSomethingElseIsToldWhatCanBeHad() {
    String path = "/api/v1/tasks/" + UUID.randomUUID() + "/events";
    for (String accepted : List.of("application/json", "text/html")) {
      Answer answer = api.send(HttpRequest.newBuilder(api.url(path)).header("Accept", accepted));
      assertProblem(answer, 406);
      assertThat(answer.json().get("error").stringValue())
          .isEqualTo("Accept text/event-stream: this call answers with nothing else.");
    }
    HttpRequest.Builder feed =
        HttpRequest.newBuilder(api.url("/api/v1/trajectories")).header("Accept", "text/csv");
    assertThat(api.send(feed).json().get("error").stringValue())
        .contains("application/json")
        .contains("application/x-ndjson");
  }

  @Test
  void aTaskIsFollowedToItsEnd() {
    String id = submitted("whole");
    try (EventReader reader = EventReader.open(api, id, "", null)) {
      assertThat(reader.response().headers().firstValue("Content-Type").orElse(""))
          .startsWith("text/event-stream");
      await().atMost(LONG).until(() -> reader.events("status").size() == 1);
      UUID session = claim("whole");
      await().atMost(LONG).until(() -> reader.events("status").size() == 2);
      progress(id, 1);
      lines(id, 0, 3);
      step(id, 0);
      await().atMost(LONG).until(() -> reader.events("step").size() == 1);
      lines(id, 3, 5);
      finish(id, session, 5);
      await().atMost(LONG).until(reader::hasEnded);
      assertThat(reader.events("status"))
          .extracting(event -> event.data().get("status").stringValue())
          .containsExactly("pending", "running", "completed");
      assertThat(seqs(reader)).containsExactly(0L, 1L, 2L, 3L, 4L);
      assertThat(reader.events("log").get(0).data().propertyNames())
          .contains("seq", "ts", "level", "message", "context");
      assertThat(reader.events("progress").get(0).data().get("max_steps").intValue()).isEqualTo(30);
      assertThat(reader.events("result").get(0).data().get("reward").doubleValue()).isEqualTo(0.5);
      assertThat(reader.events()).last().extracting(Event::name).isEqualTo("end");
      Event end = reader.events("end").get(0);
      assertThat(end.data().get("status").stringValue()).isEqualTo("completed");
      Answer again = events(api, id, "?last_event_id=" + end.id());
      assertThat(again.status()).isEqualTo(204);
    }
  }

  /** Cut after every single event, and resumed at the other instance. */
  @Test
  void aStreamIsResumedWithoutGapOrRepeat() {
    String id = submitted("resume");
    UUID session = claim("resume");
    lines(id, 0, 4);
    step(id, 0);
    step(id, 1);
    progress(id, 2);
    finish(id, session, 4);
    List<Event> whole = readToEnd(api, id, null);
    assertThat(whole)
        .extracting(Event::name)
        .containsExactly("status", "log", "log", "log", "log", "step", "step", "result", "end");
    for (int seen = 1; seen < whole.size(); seen++) {
      String last = whole.get(seen - 1).id();
      List<Event> rest = readToEnd(seen % 2 == 0 ? api : other, id, last);
      assertThat(rest)
          .as("after %s", last)
          .extracting(Event::id)
          .containsExactlyElementsOf(
              whole.subList(seen, whole.size()).stream().map(Event::id).toList());
    }
  }

  @Test
  void aStreamThatIsCutWhileTheTaskRunsIsResumed() {
    String id = submitted("cut");
    UUID session = claim("cut");
    List<Long> seen = new ArrayList<>();
    String last;
    lines(id, 0, 10);
    try (EventReader reader = EventReader.open(api, id, "?types=log", null)) {
      await().atMost(LONG).until(() -> reader.events().size() == 10);
      reader.events().stream()
          .limit(7)
          .forEach(event -> seen.add(event.data().get("seq").longValue()));
      last = reader.events().get(6).id();
    }
    lines(id, 10, 1500);
    try (EventReader reader = EventReader.open(other, id, "?types=log", last)) {
      await().atMost(LONG).until(() -> reader.events().size() == 1493);
      finish(id, session, 1500);
      await().atMost(LONG).until(reader::hasEnded);
      seen.addAll(seqs(reader));
      assertThat(reader.events()).extracting(Event::name).containsOnly("log", "end");
    }
    assertThat(seen).isEqualTo(LongStream.range(0, 1500).boxed().toList());
  }

  @Test
  void aLineThatIsMissingIsWaitedForButNotForEver() {
    String id = submitted("gap");
    claim("gap");
    lines(id, 0, 1);
    lines(id, 2, 3);
    try (EventReader patient = EventReader.open(api, id, "?types=log", null);
        EventReader reader = EventReader.open(other, id, "?types=log", null)) {
      await().atMost(LONG).until(() -> seqs(reader).equals(List.of(0L, 2L)));
      assertThat(seqs(patient)).containsExactly(0L);
      lines(id, 1, 2);
      await().atMost(LONG).until(() -> seqs(patient).equals(List.of(0L, 1L, 2L)));
    }
  }

  @Test
  void aMessageThatIsMissingAtTheEndIsWaitedForButNotForEver() {
    String id = submitted("last-message");
    UUID session = claim("last-message");
    step(id, 0);
    finish(id, session, 0, 2);
    try (EventReader patient = EventReader.open(api, id, "?types=step", null);
        EventReader reader = EventReader.open(other, id, "?types=step", null)) {
      await().atMost(LONG).until(reader::hasEnded);
      assertThat(reader.events()).extracting(Event::name).containsExactly("step", "end");
      assertThat(patient.hasEnded()).isFalse();
      step(id, 1);
      await().atMost(LONG).until(patient::hasEnded);
      assertThat(patient.events()).extracting(Event::name).containsExactly("step", "step", "end");
    }
  }

  @Test
  void aStoredLineIsSeenWithinHalfASecond() {
    String id = submitted("fast");
    claim("fast");
    List<Long> millis = new ArrayList<>();
    try (EventReader reader = EventReader.open(api, id, "?types=log", null)) {
      for (int seq = 0; seq < 5; seq++) {
        lines(id, seq, seq + 1);
        long stored = System.nanoTime();
        int expected = seq + 1;
        await().pollInterval(Duration.ofMillis(5)).until(() -> reader.events().size() == expected);
        millis.add((reader.events().get(seq).nanoTime() - stored) / 1_000_000);
      }
    }
    millis.sort(null);
    assertThat(millis.get(2)).as("median of %s ms", millis).isLessThan(500);
  }

  @Test
  void aHeartbeatComesInSilence() {
    String id = submitted("heartbeat");
    try (EventReader reader = EventReader.open(api, id, "?types=result", null)) {
      await().atMost(LONG).until(() -> reader.comments().size() >= 2);
      assertThat(reader.events()).isEmpty();
    }
  }

  @Test
  void streamsAreBounded() {
    String id = submitted("bounded");
    List<EventReader> readers = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        readers.add(EventReader.open(other, id, "", null));
      }
      Answer refused = events(other, id, "");
      assertProblem(refused, 503);
      assertThat(refused.header("Retry-After")).isNotEmpty();
      assertThat(refused.json().get("code").stringValue()).isEqualTo("too_many_streams");
    } finally {
      cancel(id);
      readers.forEach(reader -> await().atMost(LONG).until(reader::hasEnded));
      readers.forEach(EventReader::close);
    }
    await().atMost(LONG).until(() -> events(other, id, "").status() == 200);
  }

  /** Its socket takes a few megabytes, and then nothing for longer than is allowed. */
  @Test
  void aClientThatDoesNotReadIsDroppedAndOthersAreNot() throws IOException {
    String id = submitted("slow");
    claim("slow");
    try (Socket deaf = new Socket();
        EventReader reader = EventReader.open(other, id, "?types=log", null)) {
      deaf.setReceiveBufferSize(4096);
      deaf.connect(new java.net.InetSocketAddress("localhost", other.url("/").getPort()));
      deaf.getOutputStream()
          .write(
              ("GET /api/v1/tasks/" + id + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String large = "x".repeat(100_000);
      for (int seq = 0; seq < 100; seq++) {
        line(id, seq, large);
      }
      await().atMost(LONG).until(() -> reader.events().size() == 100);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  other
                          .get("/actuator/metrics/aiopslab.streams.dropped")
                          .json()
                          .at("/measurements/0/value")
                          .doubleValue()
                      == 1);
      line(id, 100, "after");
      await().atMost(LONG).until(() -> reader.events().size() == 101);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "types=",
        "types=log,,step",
        "types=logs",
        "last_event_id=1",
        "last_event_id=0.0.gone.0",
        "since=1"
      })
  void badParameterIsRefusedByName(String query) {
    Answer answer = events(api, submitted("bad"), "?" + query);
    assertProblem(answer, 400);
    assertThat(answer.fields()).containsExactly(query.substring(0, query.indexOf('=')));
  }

  @Test
  void aTaskThatIsNotThereIsAProblem() {
    assertProblem(events(api, UUID.randomUUID().toString(), ""), 404);
  }

  @Test
  void shutdownIsToldToStreamsAndWaits() throws Exception {
    RunningApi going = api.another("--aiopslab.api.load.waits=1");
    going.contract();
    String id = submitted("shutdown");
    try (EventReader reader = EventReader.open(going, id, "", null)) {
      await().atMost(LONG).until(() -> reader.events("status").size() == 1);
      var waiting =
          java.util.concurrent.CompletableFuture.supplyAsync(
              () -> going.get("/api/v1/tasks/" + id + "?wait=60s"));
      await()
          .atMost(LONG)
          .until(() -> going.get("/api/v1/tasks/" + id + "?wait=1ms").status() == 503);
      long start = System.nanoTime();
      going.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
      await().atMost(LONG).until(reader::hasEnded);
      Event last = reader.events().get(reader.events().size() - 1);
      assertThat(last.name()).isEqualTo("shutdown");
      assertThat(last.id()).isNull();
      assertThat(reader.comments()).noneMatch(comment -> comment.startsWith("broken"));
      assertThat(waiting.get().json().get("status").stringValue()).isEqualTo("pending");
    }
  }

  private static List<Event> readToEnd(RunningApi from, String id, @Nullable String last) {
    try (EventReader reader = EventReader.open(from, id, "", last)) {
      await().atMost(LONG).until(reader::hasEnded);
      return reader.events();
    }
  }

  private static List<Long> seqs(EventReader reader) {
    return reader.events("log").stream().map(event -> event.data().get("seq").longValue()).toList();
  }

  private static Answer events(RunningApi from, String id, String query) {
    return from.send(
        HttpRequest.newBuilder(from.url("/api/v1/tasks/" + id + "/events" + query)).GET());
  }

  private static String submitted(String backend) {
    return api.submit("{\"problem_id\":\"p\",\"backend_type\":\"" + backend + "\"}").id();
  }

  private static UUID claim(String backend) {
    UUID session = UUID.randomUUID();
    assertThat(api.bean(TaskClaims.class).claim("worker-1", backend, session)).isPresent();
    return session;
  }

  private static void line(String id, long seq, String message) {
    LogLine line = new LogLine(seq, THEN, LogLevel.INFO, message, null);
    api.bean(TaskLogs.class).append(List.of(new TaskLogs.Entry(UUID.fromString(id), line)));
  }

  private static void lines(String id, long from, long to) {
    api.bean(TaskLogs.class)
        .append(
            LongStream.range(from, to)
                .mapToObj(seq -> new LogLine(seq, THEN, LogLevel.INFO, "line " + seq, null))
                .map(line -> new TaskLogs.Entry(UUID.fromString(id), line))
                .toList());
  }

  private static void step(String id, int index) {
    Step step = new Step(index, index, "env", "ok", null, null, null, null, null, THEN);
    api.bean(TaskSteps.class).append(List.of(new TaskSteps.Entry(UUID.fromString(id), step)));
  }

  private static void progress(String id, int steps) {
    api.bean(RunProgress.class)
        .advance(
            List.of(
                new RunProgress.Advance(
                    UUID.fromString(id), Phase.RUNNING, 1, steps, Map.of(), THEN)));
  }

  private static void finish(String id, UUID session, long lines) {
    finish(id, session, lines, null);
  }

  /**
   * @param messages how many the run announced; null if it did not
   */
  private static void finish(String id, UUID session, long lines, @Nullable Integer messages) {
    UUID task = UUID.fromString(id);
    api.bean(TaskResults.class)
        .record(
            task,
            session,
            lines,
            THEN,
            new TaskResult(
                "simulator", true, 0.5, Map.of(), Map.of(), null, null, "submitted", 1, lines),
            messages);
    api.bean(TaskEndings.class).finish(task, session, TaskStatus.COMPLETED, null, null);
  }

  private static void cancel(String id) {
    api.sql()
        .update(
            "UPDATE tasks SET status = 'cancelled', completed_at = now(), changed_by = 'test'"
                + " WHERE id = ?",
            UUID.fromString(id));
  }
}

package io.aiopslab.tasks.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.message.RunEventBody.AiopslabResult;
import io.aiopslab.tasks.message.RunEventBody.Briefed;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.message.RunEventBody.Measured;
import io.aiopslab.tasks.message.RunEventBody.PhaseEntered;
import io.aiopslab.tasks.message.RunEventBody.Started;
import io.aiopslab.tasks.message.RunEventBody.StepTaken;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class RunEventTest {
  private static final Instant AT = Instant.parse("2026-11-23T10:00:00.123456Z");

  static Stream<RunEventBody> bodies() {
    JsonNode details = Json.mapper().readTree("{\"a\":[1,null,{\"b\":true}]}");
    TaskResult result =
        new TaskResult(
            "simulator",
            true,
            0.5,
            Map.of("solved", 1.0),
            Map.of(),
            details,
            null,
            "submitted",
            3,
            7);
    TaskResult nothing =
        new TaskResult(null, null, null, Map.of(), Map.of(), null, null, null, 0, 0);
    return Stream.of(
        new Started(),
        new PhaseEntered(Phase.GRADING),
        new Logged(0, List.of()),
        new Logged(
            5,
            List.of(
                new Logged.Line(AT, LogLevel.WARNING, "ünï\n\u0000\tcode 🚀", null),
                new Logged.Line(
                    AT, LogLevel.INFO, "", Json.mapper().createObjectNode().put("k", 1)))),
        new Briefed(new Briefing("Find it.", "", Json.mapper().createObjectNode().put("a", "b"))),
        new StepTaken(new Step(0, 0, "env", "hello", null, 1.5, null, null, null, AT)),
        new StepTaken(new Step(1, 0, "assistant", "ls", 2.5, null, details, details, null, AT)),
        new Measured(Map.of("TTD", 1.25, "tokens", 1e9)),
        new AiopslabResult(Json.mapper().createObjectNode().put("agent", "gpt")),
        new Finished(TaskStatus.COMPLETED, null, null, result),
        new Finished(TaskStatus.FAILED, FailureCode.TIMEOUT, "It took too long.", nothing),
        new Finished(TaskStatus.CANCELLED, null, null, nothing),
        new Finished(TaskStatus.CANCELLED, null, null, nothing).afterTrajectoryEvents(0));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void survivesTheWire(RunEventBody body) {
    RunEvent event = event(body);
    assertThat(RunEvent.fromBytes(event.toBytes())).isEqualTo(event);
  }

  @Test
  void looksAsDocumented() {
    RunEvent event =
        new RunEvent(1, new UUID(0, 1), new UUID(0, 2), "kind-1", 3, AT, new Started());
    assertThat(new String(event.toBytes(), UTF_8))
        .isEqualTo(
            """
            {"v":1,"task_id":"00000000-0000-0000-0000-000000000001",\
            "session_id":"00000000-0000-0000-0000-000000000002","worker_id":"kind-1","seq":3,\
            "at":"2026-11-23T10:00:00.123456Z","body":{"kind":"started"}}""");
    assertThat(event.messageId()).isEqualTo("00000000-0000-0000-0000-000000000002:3");
  }

  @Test
  void unknownFieldsAreForALaterVersionToRead() {
    String json = json(new Started());
    byte[] richer = json.replace("\"v\":1", "\"v\":1,\"new\":{\"x\":1}").getBytes(UTF_8);
    assertThat(RunEvent.fromBytes(richer).body()).isEqualTo(new Started());
  }

  @Test
  void halfACharacterDoesNotStopAReport() {
    Logged.Line broken = new Logged.Line(AT, LogLevel.INFO, "half: \ud83d", null);
    RunEvent event = event(new Logged(0, List.of(broken)));
    assertThat(RunEvent.fromBytes(event.toBytes()).body()).isInstanceOf(Logged.class);
  }

  static Stream<String> unreadable() {
    String started = json(new Started());
    String finished = json(new Finished(TaskStatus.CANCELLED, null, null, result()));
    String failed =
        json(new Finished(TaskStatus.FAILED, FailureCode.INTERNAL, "Broken.", result()));
    String step =
        json(new StepTaken(new Step(0, 0, "env", "hi", null, null, null, null, null, AT)));
    String logs = json(new Logged(0, List.of(new Logged.Line(AT, LogLevel.INFO, "hi", null))));
    return Stream.of(
        "",
        " ",
        "null",
        "[]",
        "7",
        "\"text\"",
        "{}",
        "hello",
        "<xml/>",
        "[".repeat(100_000),
        "{\"body\":".repeat(100_000),
        started + started,
        started.substring(0, started.length() - 1),
        started.replace("\"v\":1", "\"v\":2"),
        started.replace("\"v\":1,", ""),
        started.replace("\"seq\":3", "\"seq\":-1"),
        started.replace("\"seq\":3", "\"seq\":null"),
        started.replace("\"seq\":3", "\"seq\":1e999999999"),
        started.replace("\"seq\":3", "\"seq\":" + "9".repeat(2_000)),
        started.replace("\"seq\":3", "\"seq\":[3]"),
        started.replace("\"at\":\"2026", "\"at\":\"yesterday"),
        started.replace("\"worker_id\":\"kind-1\",", ""),
        started.replace("\"kind\":\"started\"", "\"kind\":\"java.lang.Runtime\""),
        started.replace("{\"kind\":\"started\"}", "null"),
        started.replace("{\"kind\":\"started\"}", "{}"),
        started.replaceFirst("\"task_id\":\"[^\"]*\"", "\"task_id\":\"x\""),
        started.replaceFirst("\"session_id\":\"[^\"]*\",", ""),
        finished.replace("\"cancelled\"", "\"running\""),
        finished.replace("\"cancelled\"", "\"failed\""),
        finished.replace("\"status\":\"cancelled\",", ""),
        finished.replace("\"steps\":2,", ""),
        finished.replace("\"reward\":0.5", "\"reward\":1.5"),
        finished.replace("\"reward\":0.5", "\"reward\":\"NaN\""),
        finished.replace("\"metrics\":{}", "\"metrics\":{\"x\":null}"),
        finished.replace("\"steps\":2", "\"steps\":2,\"output\":" + nested(100_000)),
        failed.replace("\"internal\"", "\"bad_luck\""),
        failed.replace("\"internal\"", "null"),
        step.replace("\"role\":\"env\",", ""),
        step.replace("\"content\":\"hi\",", ""),
        step.replace("\"index\":0", "\"index\":-1"),
        step.replace("\"turn\":0", "\"turn\":-1"),
        logs.replace("\"first_seq\":0", "\"first_seq\":-1"),
        logs.replace("\"message\":\"hi\"", "\"message\":null"),
        logs.replace("\"level\":\"info\"", "\"level\":\"loud\""),
        logs.replaceFirst("\"lines\":\\[.*]", "\"lines\":[null]"),
        logs.replaceFirst("\"lines\":\\[.*]", "\"lines\":null"));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void saysThatItIsUnreadable(String json) {
    assertThatThrownBy(() -> RunEvent.fromBytes(json.getBytes(UTF_8)))
        .isInstanceOf(UnreadableMessageException.class);
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void damageIsReadOrUnreadableAndNothingElse(RunEventBody body) {
    Random random = new Random(4711);
    for (int round = 0; round < 3_000; round++) {
      byte[] bytes = event(body).toBytes();
      for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(RunEvent.fromBytes(bytes)).isNotNull();
      } catch (UnreadableMessageException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
  }

  private static String nested(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  private static TaskResult result() {
    return new TaskResult("simulator", true, 0.5, Map.of(), Map.of(), null, null, null, 2, 3);
  }

  private static RunEvent event(RunEventBody body) {
    return new RunEvent(1, new UUID(0, 1), new UUID(0, 2), "kind-1", 3, AT, body);
  }

  private static String json(RunEventBody body) {
    return new String(event(body).toBytes(), UTF_8);
  }
}

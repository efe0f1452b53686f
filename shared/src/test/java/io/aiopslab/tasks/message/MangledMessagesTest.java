package io.aiopslab.tasks.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.RunEventBody.Briefed;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.message.RunEventBody.Measured;
import io.aiopslab.tasks.message.RunEventBody.StepTaken;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.MangledJson;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What arrives is a message or unreadable: nothing else, and soon. */
class MangledMessagesTest {
  private static final int MESSAGES = 5_000;
  private static final Instant AT = Instant.parse("2026-11-23T10:00:00Z");

  private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final MangledJson mangled = new MangledJson(random);

  @Test
  void anEventIsReadOrUnreadable() {
    List<byte[]> valid =
        List.of(
                new Logged(0, List.of(new Logged.Line(AT, LogLevel.INFO, "a line", null))),
                new Briefed(new Briefing("d", "i", Json.mapper().createObjectNode().put("a", "b"))),
                new StepTaken(new Step(0, 0, "env", "content", 1.5, null, null, null, null, AT)),
                new Measured(Map.of("ttd_seconds", 12.5)),
                new Finished(
                    TaskStatus.COMPLETED,
                    null,
                    null,
                    new TaskResult(
                        "s", true, 0.5, Map.of("a", 0.5), Map.of("b", 2.0), null, null, "x", 1, 1),
                    3))
            .stream()
            .map(
                body ->
                    new RunEvent(1, UUID.randomUUID(), UUID.randomUUID(), "kind-1", 7, AT, body))
            .map(RunEvent::toBytes)
            .toList();
    readAll(valid, bytes -> RunEvent.fromBytes(bytes).toBytes());
  }

  @Test
  void aCommandIsReadOrUnreadable() {
    readAll(
        List.of(ClusterCommand.cancel(UUID.randomUUID(), UUID.randomUUID()).toBytes()),
        bytes -> ClusterCommand.fromBytes(bytes).toBytes());
  }

  /** What could be read can be read again, so it can be kept. */
  private void readAll(List<byte[]> valid, Function<byte[], byte[]> readAndWrite) {
    System.out.println("fuzz.seed=" + seed);
    int readable = 0;
    for (int i = 0; i < MESSAGES; i++) {
      byte[] bytes = mangled.mangle(valid.get(random.nextInt(valid.size())));
      long begin = System.nanoTime();
      try {
        byte[] again = readAndWrite.apply(bytes);
        assertThat(readAndWrite.apply(again)).isEqualTo(again);
        readable++;
      } catch (UnreadableMessageException e) {
        assertThat(e.getMessage()).hasSizeLessThan(1_000);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
    }
    assertThat(readable).isPositive().isLessThan(MESSAGES);
  }
}

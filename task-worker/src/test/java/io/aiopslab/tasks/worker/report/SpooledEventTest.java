package io.aiopslab.tasks.worker.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.task.TraceParent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpooledEventTest {
  private static final @Nullable TraceParent TRACE =
      TraceParent.parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

  @TempDir Path directory;

  @Test
  void aTraceIsKeptBesideTheEvent() throws IOException {
    assertThat(TRACE).isNotNull();
    SpooledEvent read = writtenAndRead(event(TRACE));
    assertThat(read.trace()).isEqualTo(TRACE);
    assertThat(read.toMessage().trace()).isEqualTo(TRACE);
    assertThat(new String(read.body(), UTF_8)).isEqualTo("{\"v\":1}");
  }

  /** As it was written before there were traces. */
  @Test
  void anEventWithoutATraceIsRead() throws IOException {
    SpooledEvent read = writtenAndRead(event(null));
    assertThat(read.trace()).isNull();
    assertThat(new String(read.body(), UTF_8)).isEqualTo("{\"v\":1}");
  }

  private static SpooledEvent event(@Nullable TraceParent trace) {
    return new SpooledEvent(
        "logs", UUID.randomUUID(), UUID.randomUUID() + ":3", "{\"v\":1}".getBytes(UTF_8), trace);
  }

  private SpooledEvent writtenAndRead(SpooledEvent event) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve("events"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      int bytes = channel.write(event.toRecord());
      SpooledEvent read = SpooledEvent.readFrom(channel, 0, bytes).orElseThrow().event();
      assertThat(read.messageId()).isEqualTo(event.messageId());
      assertThat(read.taskId()).isEqualTo(event.taskId());
      return read;
    }
  }
}

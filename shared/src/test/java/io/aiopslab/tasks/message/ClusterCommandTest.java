package io.aiopslab.tasks.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterCommandTest {
  private static final ClusterCommand COMMAND =
      ClusterCommand.cancel(new UUID(0, 1), new UUID(0, 2));

  @Test
  void looksAsDocumented() {
    assertThat(new String(COMMAND.toBytes(), UTF_8))
        .isEqualTo(
            """
            {"v":1,"kind":"cancel","task_id":"00000000-0000-0000-0000-000000000001",\
            "session_id":"00000000-0000-0000-0000-000000000002"}""");
    assertThat(ClusterCommand.fromBytes(COMMAND.toBytes())).isEqualTo(COMMAND);
    assertThat(COMMAND.messageId()).isEqualTo("cancel:00000000-0000-0000-0000-000000000002");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{\"v\":1,\"kind\":\"cancel\"}",
        "{\"v\":2,\"kind\":\"cancel\",\"task_id\":\"00000000-0000-0000-0000-000000000001\","
            + "\"session_id\":\"00000000-0000-0000-0000-000000000002\"}"
      })
  void whatIsNoCommandIsUnreadable(String body) {
    assertThatThrownBy(() -> ClusterCommand.fromBytes(body.getBytes(UTF_8)))
        .isInstanceOf(UnreadableMessageException.class);
  }
}

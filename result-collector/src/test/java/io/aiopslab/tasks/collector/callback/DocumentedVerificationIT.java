package io.aiopslab.tasks.collector.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that {@code docs/webhooks.md} gives to receivers, run as it stands there. */
class DocumentedVerificationIT {
  private static final Path PAGE = Path.of("..", "docs", "webhooks.md");
  private static final byte[] BODY = "{\"type\":\"task.completed\",\"data\":\"ä\"}".getBytes(UTF_8);
  private static final String MAIN =
      """

      import os, sys
      headers = {name: os.environ[name] for name in os.environ if name.startswith("webhook-")}
      print(verify(os.environ["SECRET"], headers, sys.stdin.buffer.read()))
      """;

  @TempDir Path directory;
  private final long now = InstantSource.system().instant().getEpochSecond();

  @BeforeEach
  void takeItFromThePage() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf("```python\n") + "```python\n".length();
    String program = page.substring(begin, page.indexOf("```", begin));
    Files.writeString(directory.resolve("verify.py"), program + MAIN);
  }

  @Test
  void acceptsWhatIsSigned() throws Exception {
    assertThat(verified(CallbackSystem.SECRET, now, BODY)).isTrue();
    assertThat(verified(CallbackSystem.OLD_SECRET, now, BODY)).isTrue();
  }

  @Test
  void refusesEverythingElse() throws Exception {
    assertThat(verified("whsec_" + "QUJD".repeat(10), now, BODY)).isFalse();
    assertThat(verified(CallbackSystem.SECRET, now, "{}".getBytes(UTF_8))).isFalse();
    assertThat(verified(CallbackSystem.SECRET, now - 3600, BODY)).isFalse();
  }

  private boolean verified(String receiversSecret, long timestamp, byte[] received)
      throws Exception {
    SignWebhook sign =
        new SignWebhook(
            Settings.of("secret", CallbackSystem.SECRET + " " + CallbackSystem.OLD_SECRET));
    ProcessBuilder python =
        new ProcessBuilder(List.of("python3", directory.resolve("verify.py").toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    python
        .environment()
        .putAll(
            Map.of(
                "SECRET",
                receiversSecret,
                "webhook-id",
                "msg_1",
                "webhook-timestamp",
                String.valueOf(timestamp),
                "webhook-signature",
                Objects.requireNonNull(sign.signature("msg_1", timestamp, BODY))));
    Process process = python.start();
    try (var body = process.getOutputStream()) {
      body.write(received);
    }
    String said = new String(process.getInputStream().readAllBytes(), UTF_8).trim();
    assertThat(process.waitFor()).isZero();
    return Boolean.parseBoolean(said);
  }
}

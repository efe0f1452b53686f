package io.aiopslab.tasks.collector.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Moments too short to be met by a real client on purpose. */
class SendCallbackTest {
  private static final CallbackSettings SETTINGS =
      Settings.of("deadline", "100ms", "connect-timeout", "50ms");

  @Test
  void anAttemptThatIsEndedBeforeItsConnectionIsOpenedIsATimeout() throws Exception {
    Answer answer = send(request -> await().until(request::isAborted));
    assertThat(answer.noAnswer()).isEqualTo(CallbackError.TIMEOUT);
    assertThat(answer.sentence()).contains("receiver.example", "100 ms");
  }

  @Test
  void theSameFailureBeforeTheDeadlineIsADefect() {
    assertThatThrownBy(() -> send(request -> {})).isInstanceOf(IllegalStateException.class);
  }

  private static Answer send(Consumer<HttpPost> before) throws Exception {
    try (CloseableHttpClient client = new EndedWhileConnecting(before);
        SendCallback sender =
            new SendCallback(client, new SignWebhook(SETTINGS), SETTINGS, () -> Instant.EPOCH)) {
      return sender.send(delivery(), "{}".getBytes(UTF_8));
    }
  }

  private static CallbackDelivery delivery() {
    return new CallbackDelivery(
        new UUID(0, 1),
        "msg_1",
        "http://receiver.example/",
        "receiver.example",
        CallbackState.PENDING,
        0,
        0,
        null,
        null);
  }

  /**
   * Fails as the client does whose request is aborted between taking a connection and opening it.
   */
  private static final class EndedWhileConnecting extends CloseableHttpClient {
    private final Consumer<HttpPost> before;

    EndedWhileConnecting(Consumer<HttpPost> before) {
      this.before = before;
    }

    @Override
    protected CloseableHttpResponse doExecute(
        @Nullable HttpHost target, ClassicHttpRequest request, @Nullable HttpContext context) {
      before.accept((HttpPost) request);
      throw new IllegalStateException("Endpoint not acquired / already released");
    }

    @Override
    public void close() {}

    @Override
    public void close(CloseMode mode) {}
  }
}

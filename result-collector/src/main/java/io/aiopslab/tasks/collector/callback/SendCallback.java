package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.task.CallbackDelivery;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** One attempt, from connecting to the answer's head; what follows is thrown away. */
@Component
class SendCallback implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SendCallback.class);
  private static final int MOST_ANSWER_BYTES = 4096;

  private final CloseableHttpClient client;
  private final SignWebhook sign;
  private final CallbackSettings settings;
  private final InstantSource clock;
  private final ScheduledExecutorService deadlines = Threads.timer("callback-deadlines");

  SendCallback(
      CloseableHttpClient client,
      SignWebhook sign,
      CallbackSettings settings,
      InstantSource clock) {
    this.client = client;
    this.sign = sign;
    this.settings = settings;
    this.clock = clock;
  }

  Answer send(CallbackDelivery delivery, byte[] body) {
    long begin = System.nanoTime();
    AtomicBoolean overdue = new AtomicBoolean();
    try {
      HttpPost request = request(delivery, body);
      Future<?> deadline =
          deadlines.schedule(
              () -> {
                overdue.set(true);
                request.abort();
              },
              settings.deadline().toMillis(),
              TimeUnit.MILLISECONDS);
      try {
        return exchange(request, begin);
      } finally {
        deadline.cancel(false);
        request.abort();
      }
    } catch (IOException e) {
      log.debug("No answer to {}", delivery.webhookId(), e);
      return NoAnswer.because(e, overdue.get(), since(begin), delivery.host(), settings.deadline());
    } catch (IllegalStateException e) {
      if (!overdue.get()) {
        throw e;
      }
      // So the client ends when it is told to between taking a connection and opening it.
      return NoAnswer.because(e, true, since(begin), delivery.host(), settings.deadline());
    }
  }

  private Answer exchange(HttpPost request, long begin) throws IOException {
    ClassicHttpResponse response = client.executeOpen(null, request, null);
    Header retryAfter = response.getFirstHeader("Retry-After");
    Answer answer =
        Answer.of(
            since(begin), response.getCode(), retryAfter == null ? null : retryAfter.getValue());
    try (response) {
      skipSome(response.getEntity());
      // Or else closing would read the rest, however long it is.
      request.abort();
    } catch (IOException e) {
      log.debug("The answer broke off after its head", e);
    }
    return answer;
  }

  private HttpPost request(CallbackDelivery delivery, byte[] body) {
    HttpPost request = new HttpPost(delivery.url());
    long timestamp = clock.instant().getEpochSecond();
    request.setHeader("webhook-id", delivery.webhookId());
    request.setHeader("webhook-timestamp", timestamp);
    String signature = sign.signature(delivery.webhookId(), timestamp, body);
    if (signature != null) {
      request.setHeader("webhook-signature", signature);
    }
    request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
    return request;
  }

  /** Lets a receiver with a short answer finish it. */
  private static void skipSome(@Nullable HttpEntity entity) throws IOException {
    if (entity != null) {
      int bytes = entity.getContent().readNBytes(MOST_ANSWER_BYTES).length;
      log.debug("Threw away {} bytes of an answer", bytes);
    }
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  @Override
  public void close() {
    deadlines.shutdownNow();
  }
}

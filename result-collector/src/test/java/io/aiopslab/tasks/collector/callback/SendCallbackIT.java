package io.aiopslab.tasks.collector.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.callback.ReachableAddresses;
import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.InMemoryDnsResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The client as it is deployed, against receivers of every kind; only name look-up is in memory.
 */
@Timeout(60)
class SendCallbackIT {
  private static final byte[] BODY = "{}".getBytes(UTF_8);
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  @Test
  void sendsWhatStandardWebhooksAskFor() throws Exception {
    try (WebhookReceiver receiver = WebhookReceiver.answering(204)) {
      Answer answer = send(receiver.url(), "allowed", "127.0.0.1");
      assertThat(answer.status()).isEqualTo(204);
      WebhookReceiver.Received request = receiver.received().get(0);
      assertThat(request.id()).isEqualTo("msg_1");
      assertThat(request.timestamp()).isEqualTo(NOW.getEpochSecond());
      assertThat(request.header("content-type")).startsWith("application/json");
      assertThat(request.header("user-agent")).isEqualTo("aiopslab-task-service");
      assertThat(request.header("webhook-signature")).isEmpty();
      assertThat(request.body()).isEqualTo(BODY);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"127.0.0.1", "127.0.0.2", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1"})
  void thisMachineIsNotReached(String host) throws Exception {
    try (WebhookReceiver receiver = WebhookReceiver.answering(200)) {
      Answer answer = send(receiver.url(host));
      assertThat(answer.noAnswer()).as("%s", answer).isEqualTo(CallbackError.ADDRESS_REFUSED);
      assertThat(answer.sentence()).contains("may not reach", "aiopslab.callbacks.allowed");
      assertThat(receiver.received()).isEmpty();
    }
  }

  @Test
  void aNameOfTheMetadataServerIsNotReached() throws Exception {
    InMemoryDnsResolver names = new InMemoryDnsResolver();
    names.add("metadata.example", InetAddress.getByName("169.254.169.254"));
    Answer answer = send(names, "http://metadata.example/latest/meta-data");
    assertThat(answer.noAnswer()).isEqualTo(CallbackError.ADDRESS_REFUSED);
    assertThat(answer.sentence()).contains("metadata.example").doesNotContain("169.254");
  }

  @Test
  void aNameWithOneRefusedAddressIsNotReached() throws Exception {
    try (WebhookReceiver receiver = WebhookReceiver.answering(200)) {
      InMemoryDnsResolver names = new InMemoryDnsResolver();
      names.add(
          "both.example", InetAddress.getLoopbackAddress(), InetAddress.getByName("93.184.216.34"));
      Answer answer = send(names, receiver.url("both.example"));
      assertThat(answer.noAnswer()).isEqualTo(CallbackError.ADDRESS_REFUSED);
      assertThat(receiver.received()).isEmpty();
    }
  }

  @Test
  void aListedNameIsReachedWhereverItIs() throws Exception {
    try (WebhookReceiver receiver = WebhookReceiver.answering(200)) {
      InMemoryDnsResolver names = new InMemoryDnsResolver();
      names.add("trainer.internal", InetAddress.getLoopbackAddress());
      Answer answer = send(names, receiver.url("trainer.internal"), "allowed", "trainer.internal");
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  /** The name changes after the first look: the address that was checked is the one used. */
  @Test
  void aNameIsLookedUpOncePerAttempt() throws Exception {
    try (WebhookReceiver receiver = WebhookReceiver.answering(200)) {
      InMemoryDnsResolver names = new InMemoryDnsResolver();
      names.add("rebinding.example", InetAddress.getLoopbackAddress());
      java.util.concurrent.atomic.AtomicInteger looks =
          new java.util.concurrent.atomic.AtomicInteger();
      DnsResolver counting =
          new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) throws java.net.UnknownHostException {
              looks.incrementAndGet();
              return names.resolve(host);
            }

            @Override
            public String resolveCanonicalHostname(String host) {
              return host;
            }
          };
      send(counting, receiver.url("rebinding.example"), "allowed", "rebinding.example");
      assertThat(looks).hasValue(1);
      assertThat(receiver.received()).hasSize(1);
    }
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    try (WebhookReceiver target = WebhookReceiver.answering(200);
        WebhookReceiver receiver =
            new WebhookReceiver(
                request ->
                    new WebhookReceiver.Reply(307, Map.of("Location", target.url("127.0.0.1"))))) {
      Answer answer = send(receiver.url(), "allowed", "127.0.0.1");
      assertThat(answer.status()).isEqualTo(307);
      assertThat(target.received()).isEmpty();
    }
  }

  @Test
  void oneThatNeverAnswersIsGivenUpAtTheDeadline() throws Exception {
    try (RawReceiver receiver = new RawReceiver(client -> Thread.sleep(60_000))) {
      assertGivenUp(send(receiver.url(), "allowed", "127.0.0.1"));
    }
  }

  @Test
  void oneThatDripsIsGivenUpAtTheDeadline() throws Exception {
    try (RawReceiver receiver =
        new RawReceiver(
            client -> {
              OutputStream out = client.getOutputStream();
              out.write("HTTP/1.1 200 OK\r\nx-drip: ".getBytes(UTF_8));
              while (true) {
                out.write('x');
                out.flush();
                Thread.sleep(20);
              }
            })) {
      assertGivenUp(send(receiver.url(), "allowed", "127.0.0.1"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 1000000000000", "Transfer-Encoding: chunked"})
  void anEndlessAnswerIsNotListenedTo(String header) throws Exception {
    try (RawReceiver receiver =
        new RawReceiver(client -> babble(client.getOutputStream(), header))) {
      Answer answer = send(receiver.url(), "allowed", "127.0.0.1");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.took()).isLessThan(Duration.ofMillis(900));
    }
  }

  @Test
  void endlessHeadersAreNoAnswer() throws Exception {
    try (RawReceiver receiver =
        new RawReceiver(
            client -> {
              OutputStream out = client.getOutputStream();
              out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
              while (true) {
                out.write("x-more: and more\r\n".getBytes(UTF_8));
              }
            })) {
      Answer answer = send(receiver.url(), "allowed", "127.0.0.1");
      assertThat(answer.noAnswer()).as("%s", answer).isEqualTo(CallbackError.ANSWER);
    }
  }

  @Test
  void whatIsNotThereIsSaidSo() throws Exception {
    int port;
    try (WebhookReceiver closed = WebhookReceiver.answering(200)) {
      port = closed.port();
    }
    Answer nobody = send("http://127.0.0.1:" + port, "allowed", "127.0.0.1");
    assertThat(nobody.noAnswer()).isEqualTo(CallbackError.CONNECTION);
    Answer unknown = send(new InMemoryDnsResolver(), "http://nowhere.example");
    assertThat(unknown.noAnswer()).isEqualTo(CallbackError.UNKNOWN_HOST);
    try (RawReceiver plain =
        new RawReceiver(
            client -> client.getOutputStream().write("HTTP/1.1 400 Bad\r\n\r\n".getBytes(UTF_8)))) {
      Answer tls = send(plain.url().replace("http:", "https:"), "allowed", "127.0.0.1");
      assertThat(tls.noAnswer()).as("%s", tls).isEqualTo(CallbackError.TLS);
    }
  }

  private static void babble(OutputStream out, String header) throws IOException {
    out.write(("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n").getBytes(UTF_8));
    byte[] chunk = ("1000\r\n" + "x".repeat(4096) + "\r\n").getBytes(UTF_8);
    while (true) {
      out.write(chunk);
    }
  }

  private static void assertGivenUp(Answer answer) {
    assertThat(answer.noAnswer()).as("%s", answer).isEqualTo(CallbackError.TIMEOUT);
    assertThat(answer.took()).isBetween(Duration.ofMillis(950), Duration.ofSeconds(5));
  }

  private static Answer send(String url, String... settings) throws IOException {
    return send(SystemDefaultDnsResolver.INSTANCE, url, settings);
  }

  private static Answer send(DnsResolver lookup, String url, String... more) throws IOException {
    String[] all = java.util.Arrays.copyOf(more, more.length + 4);
    System.arraycopy(
        new String[] {"deadline", "1s", "connect-timeout", "1s"}, 0, all, more.length, 4);
    CallbackSettings settings = Settings.of(all);
    try (CloseableHttpClient client =
            new CallbackClientConfiguration()
                .callbackClient(lookup, new ReachableAddresses(settings.allowed()), settings);
        SendCallback sender =
            new SendCallback(client, new SignWebhook(settings), settings, () -> NOW)) {
      return sender.send(delivery(url), BODY);
    }
  }

  private static CallbackDelivery delivery(String url) {
    return new CallbackDelivery(
        new UUID(0, 1),
        "msg_1",
        url,
        URI.create(url).getAuthority(),
        CallbackState.PENDING,
        0,
        0,
        NOW,
        null);
  }
}

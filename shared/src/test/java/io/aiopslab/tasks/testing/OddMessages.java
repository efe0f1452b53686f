package io.aiopslab.tasks.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** Envelopes as no honest sender makes them, from a seeded generator. */
public final class OddMessages {
  /** A frame of 128 KiB holds 26,000, but the client that sends them takes the square of it. */
  private static final int DEEPEST = 5_000;

  private static final long MUCH_STACK = 1L << 30;

  private final Random random;

  public OddMessages(Random random) {
    this.random = random;
  }

  /** With an id of its own; the rest is misleading, huge or absent. */
  public BasicProperties properties() {
    Map<String, Object> headers = new HashMap<>();
    for (int i = random.nextInt(5) == 0 ? 200 : 0; i > 0; i--) {
      headers.put("header-" + i, "x".repeat(random.nextInt(400)));
    }
    if (random.nextInt(5) == 0) {
      headers.put("traceparent", List.of(1, Map.of("a", new byte[10])));
      headers.put("__TypeId__", "java.lang.Runtime");
    }
    return new BasicProperties.Builder()
        .messageId(new UUID(random.nextLong(), random.nextLong()).toString())
        .contentType(
            List.of("application/json", "text/xml", "\0", "x".repeat(250)).get(random.nextInt(4)))
        .contentEncoding(List.of("utf-8", "gzip", "no-such", "").get(random.nextInt(4)))
        .correlationId("c".repeat(random.nextInt(200)))
        .headers(headers)
        .build();
  }

  /** Sends two messages whose headers are nested by the thousand, as lists and as tables. */
  public static void publishDeep(Channel confirming, String exchange, String routingKey)
      throws InterruptedException {
    Object lists = "end";
    Object tables = "end";
    for (int i = 0; i < DEEPEST; i++) {
      lists = List.of(lists);
      tables = Map.of("k", tables);
    }
    for (Map<String, Object> headers : List.of(Map.of("lists", lists), Map.of("tables", tables))) {
      publish(confirming, exchange, routingKey, headers);
    }
  }

  /** On a thread with much stack: the client that sends it recurses as well. */
  private static void publish(
      Channel confirming, String exchange, String routingKey, Map<String, Object> headers)
      throws InterruptedException {
    BasicProperties properties =
        new BasicProperties.Builder()
            .headers(headers)
            .messageId(UUID.randomUUID().toString())
            .build();
    List<Exception> failures = new ArrayList<>();
    Thread publisher =
        new Thread(
            null,
            () -> {
              try {
                confirming.basicPublish(exchange, routingKey, properties, new byte[3]);
                confirming.waitForConfirmsOrDie(60_000);
              } catch (Exception e) {
                failures.add(e);
              }
            },
            "deep",
            MUCH_STACK);
    publisher.start();
    publisher.join();
    assertThat(failures).isEmpty();
  }
}

package io.aiopslab.tasks.broker;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.ReturnListener;
import io.aiopslab.tasks.broker.ConfirmedPublisher.Answer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Collects the broker's answers to one batch. An unroutable message is returned; RabbitMQ
 * acknowledges it as well, Qpid says nack, before or after the return.
 */
final class Confirms implements ConfirmListener, ReturnListener {
  private final TreeMap<Long, String> waiting = new TreeMap<>();
  private final Set<String> acknowledged = new HashSet<>();
  private final Set<String> refused = new HashSet<>();
  private boolean failed;

  synchronized void begin() {
    waiting.clear();
    acknowledged.clear();
    refused.clear();
  }

  synchronized void expect(long deliveryTag, String messageId) {
    waiting.put(deliveryTag, messageId);
  }

  /** Waits until every message is answered for, the channel is gone, or the time is over. */
  synchronized Answer await(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (!waiting.isEmpty() && !failed) {
      long millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (millis <= 0) {
        break;
      }
      wait(millis);
    }
    Set<String> confirmed = new HashSet<>(acknowledged);
    confirmed.removeAll(refused);
    return new Answer(confirmed, Set.copyOf(refused), waiting.isEmpty());
  }

  synchronized void fail() {
    failed = true;
    notifyAll();
  }

  @Override
  public synchronized void handleAck(long deliveryTag, boolean multiple) {
    acknowledged.addAll(answered(deliveryTag, multiple));
    notifyAll();
  }

  @Override
  public synchronized void handleNack(long deliveryTag, boolean multiple) {
    refused.addAll(answered(deliveryTag, multiple));
    notifyAll();
  }

  private List<String> answered(long deliveryTag, boolean multiple) {
    if (multiple) {
      var upTo = waiting.headMap(deliveryTag, true);
      List<String> ids = List.copyOf(upTo.values());
      upTo.clear();
      return ids;
    }
    String id = waiting.remove(deliveryTag);
    return id == null ? List.of() : List.of(id);
  }

  @Override
  public synchronized void handleReturn(
      int replyCode,
      String replyText,
      String exchange,
      String routingKey,
      BasicProperties properties,
      byte[] body) {
    refused.add(Objects.requireNonNullElse(properties.getMessageId(), ""));
  }
}

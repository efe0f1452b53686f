package io.aiopslab.tasks.collector;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.aiopslab.tasks.broker.Route;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.testing.TestBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** Sends as a worker does: persistent, confirmed, the queue declared first. */
public final class EventSender implements AutoCloseable {
  public static final String LAST_KEY = "task.last";

  private final Connection connection;
  private final Channel channel;

  public EventSender(TestBroker broker) throws Exception {
    connection = broker.connectionFactory().newConnection();
    channel = connection.createChannel();
    Topology.taskEvents("any", new UUID(0, 0)).declare(channel);
    channel.confirmSelect();
  }

  public void send(List<RunEvent> events) throws Exception {
    for (RunEvent event : events) {
      publish(Topology.taskEvents(event.body().kind(), event.taskId()), event.toBytes());
    }
    channel.waitForConfirmsOrDie(30_000);
  }

  public void sendRaw(byte[] body) throws Exception {
    publish(Topology.taskEvents("logs", new UUID(0, 1)), body);
    channel.waitForConfirmsOrDie(30_000);
  }

  /** A last, unreadable message: when it is in quarantine, so is all before it in its place. */
  public String sendLast() throws Exception {
    String last = "last " + UUID.randomUUID();
    channel.basicPublish(
        Topology.EVENTS.name(),
        LAST_KEY,
        MessageProperties.PERSISTENT_BASIC,
        last.getBytes(StandardCharsets.UTF_8));
    channel.waitForConfirmsOrDie(30_000);
    return last;
  }

  /** Messages in the queue that no consumer holds. */
  public long ready() throws IOException {
    return channel.messageCount(Topology.EVENTS_QUEUE);
  }

  private void publish(Route route, byte[] body) throws Exception {
    channel.basicPublish(
        route.exchange().name(), route.routingKey(), MessageProperties.PERSISTENT_BASIC, body);
  }

  public Channel channel() {
    return channel;
  }

  @Override
  public void close() {
    connection.abort();
  }
}

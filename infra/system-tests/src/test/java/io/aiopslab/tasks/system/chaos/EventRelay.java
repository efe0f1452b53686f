package io.aiopslab.tasks.system.chaos;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.testing.TestBroker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the workers and the collectors' queue, and passes on each event twice, in an order
 * of its own among up to 200. It lets go of an event when both copies are in the queue.
 */
final class EventRelay implements AutoCloseable {
  private static final String QUEUE = "chaos.relay";
  private static final String EXCHANGE = "chaos.events";
  private static final int MOST = 200;
  private static final long GATHER_MILLIS = 300;

  private final Connection connection;
  private final Channel channel;
  private final Random random;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Future<@Nullable Void> pump;
  private volatile boolean closing;

  EventRelay(TestBroker broker, Random random) throws IOException, TimeoutException {
    this.random = random;
    connection = broker.connectionFactory().newConnection();
    channel = connection.createChannel();
    channel.confirmSelect();
    channel.exchangeDeclare(EXCHANGE, BuiltinExchangeType.TOPIC, true);
    channel.queueBind(Topology.EVENTS_QUEUE, EXCHANGE, Topology.TASK_EVENTS_PATTERN);
    channel.queueDeclare(QUEUE, true, false, false, Map.of());
    channel.queueBind(QUEUE, Topology.EVENTS.name(), Topology.TASK_EVENTS_PATTERN);
    channel.queueUnbind(
        Topology.EVENTS_QUEUE, Topology.EVENTS.name(), Topology.TASK_EVENTS_PATTERN);
    pump = thread.submit((Callable<@Nullable Void>) this::pass);
  }

  private @Nullable Void pass() throws IOException, InterruptedException, TimeoutException {
    while (true) {
      List<GetResponse> events = gather();
      if (!events.isEmpty()) {
        passOn(events);
      } else if (closing) {
        return null;
      }
      TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
    }
  }

  private List<GetResponse> gather() throws IOException {
    List<GetResponse> events = new ArrayList<>();
    GetResponse event = channel.basicGet(QUEUE, false);
    while (event != null) {
      events.add(event);
      event = events.size() < MOST ? channel.basicGet(QUEUE, false) : null;
    }
    return events;
  }

  private void passOn(List<GetResponse> events)
      throws IOException, InterruptedException, TimeoutException {
    List<GetResponse> twice = new ArrayList<>(events);
    twice.addAll(events);
    Collections.shuffle(twice, random);
    for (GetResponse event : twice) {
      channel.basicPublish(
          EXCHANGE, event.getEnvelope().getRoutingKey(), event.getProps(), event.getBody());
    }
    channel.waitForConfirmsOrDie(20_000);
    channel.basicAck(events.get(events.size() - 1).getEnvelope().getDeliveryTag(), true);
  }

  /** Returns once everything has been passed on and the events take the direct way again. */
  @Override
  public void close() throws IOException {
    try (connection;
        Channel own = connection.createChannel()) {
      own.queueBind(Topology.EVENTS_QUEUE, Topology.EVENTS.name(), Topology.TASK_EVENTS_PATTERN);
      own.queueUnbind(QUEUE, Topology.EVENTS.name(), Topology.TASK_EVENTS_PATTERN);
      closing = true;
      pump.get(60, TimeUnit.SECONDS);
      own.queueDelete(QUEUE);
      own.exchangeDelete(EXCHANGE);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the relay did not pass everything on", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      thread.shutdownNow();
    }
  }
}

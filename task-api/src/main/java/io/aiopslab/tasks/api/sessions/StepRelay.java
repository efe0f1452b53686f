package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.store.SessionActions.Order;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Tells workers of steps, on a thread of its own, and once more as long as somebody waits for an
 * answer: the run acts once however often it is told.
 */
@Component
class StepRelay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(StepRelay.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final int BATCH = 500;

  private final StepOutbox outbox;
  private final AnswerWaits waits;
  private final ConfirmedPublisher publisher;
  private final String replies;
  private final Duration repeatInterval;
  private volatile @Nullable Thread thread;
  private long nextLook = System.nanoTime();
  private boolean failing;

  StepRelay(
      StepOutbox outbox,
      AnswerWaits waits,
      ConnectionFactory connections,
      Queue replies,
      SessionSettings settings) {
    this.outbox = outbox;
    this.waits = waits;
    // Not the connection of consumers: an alarm at the broker blocks connections that publish.
    this.publisher =
        new ConfirmedPublisher(
            Objects.requireNonNullElse(connections.getPublisherConnectionFactory(), connections),
            settings.confirmTimeout());
    this.replies = replies.getName();
    this.repeatInterval = settings.repeatInterval();
  }

  private void run() {
    while (thread == Thread.currentThread()) {
      try {
        runOnce();
        failing = false;
      } catch (InterruptedException e) {
        return;
      } catch (BrokerUnavailableException | AmqpException e) {
        if (!failing) {
          log.warn("Steps of sessions wait until the broker is back: {}", e.getMessage());
        }
        failing = true;
      } catch (RuntimeException | Error e) {
        log.error("Steps of sessions could not be sent; they will be sent again", e);
      }
    }
  }

  private void runOnce() throws InterruptedException {
    Duration untilLook = Duration.ofNanos(Math.max(0, nextLook - System.nanoTime()));
    send(outbox.take(untilLook, BATCH));
    if (System.nanoTime() - nextLook >= 0) {
      nextLook = System.nanoTime() + LOOK.toNanos();
      send(waits.unanswered(repeatInterval));
    }
  }

  private void send(List<Order> orders) {
    Set<Order> each = new LinkedHashSet<>(orders);
    if (!each.isEmpty()) {
      publisher.publish(each.stream().map(this::message).toList());
    }
  }

  private Outgoing message(Order order) {
    ClusterCommand command =
        ClusterCommand.step(
            order.taskId(),
            order.sessionId(),
            new ClusterCommand.Step(order.index(), order.action(), replies));
    return new Outgoing(
        Topology.commands(order.workerId()), command.messageId(), command.toBytes());
  }

  @Override
  public void start() {
    Thread started = new Thread(this::run, "step-relay");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  @Override
  public void stop() {
    Thread running = thread;
    thread = null;
    if (running != null) {
      running.interrupt();
      try {
        running.join(STOP_LIMIT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    publisher.close();
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }
}

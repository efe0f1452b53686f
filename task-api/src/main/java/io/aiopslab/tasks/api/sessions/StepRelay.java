package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.relay.Relay;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.store.SessionActions.Order;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.stereotype.Component;

/**
 * Tells workers of steps, and once more as long as somebody waits for an answer: the run acts once
 * however often it is told.
 */
@Component
class StepRelay {
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final int CAPACITY = 10_000;
  private static final int BATCH = 500;

  private final AnswerWaits waits;
  private final ConfirmedPublisher publisher;
  private final String replies;
  private final Duration repeatInterval;
  private final Relay<Order> relay;

  StepRelay(
      AnswerWaits waits,
      ConnectionFactory connections,
      Queue replies,
      SessionSettings settings,
      Loops loops) {
    this.waits = waits;
    this.publisher = ConfirmedPublisher.apart(connections, settings.confirmTimeout());
    this.replies = replies.getName();
    this.repeatInterval = settings.repeatInterval();
    this.relay =
        new Relay<>(
            loops
                .loop("step-relay")
                .pausing(LOOK, LONGEST_PAUSE)
                .saying("Steps of sessions wait until they can be sent")
                .lastly(publisher::close),
            CAPACITY,
            BATCH,
            this::send,
            new Relay.Sweep(LOOK, this::sendUnanswered));
  }

  /** Never waits. What does not fit is sent once somebody has waited for it. */
  void offer(Order order) {
    boolean unused = relay.offer(order);
  }

  private boolean sendUnanswered() {
    List<Order> unanswered = waits.unanswered(repeatInterval);
    if (!unanswered.isEmpty()) {
      send(unanswered);
    }
    return false;
  }

  private void send(List<Order> orders) {
    publisher.publish(new LinkedHashSet<>(orders).stream().map(this::message).toList());
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
}

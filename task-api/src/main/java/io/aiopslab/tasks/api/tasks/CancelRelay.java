package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.relay.Relay;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.store.TaskCancels.Order;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.stereotype.Component;

/**
 * Tells workers which runs shall end. The table is the memory: a command is repeated until its run
 * has ended.
 */
@Component
class CancelRelay {
  private static final int CAPACITY = 10_000;
  private static final int BATCH = 500;

  /** No more runs than that go on at a time: slots are fewer. */
  private static final int MOST = 100_000;

  private final TaskCancels cancels;
  private final ConfirmedPublisher publisher;
  private final Duration repeatInterval;
  private final Relay<Order> relay;
  private final Counter published;
  private final Counter unconfirmed;
  private final Map<Order, Long> told = new HashMap<>();

  CancelRelay(
      TaskCancels cancels,
      ConnectionFactory connections,
      CancelSettings settings,
      Loops loops,
      MeterRegistry meters) {
    this.cancels = cancels;
    this.publisher = ConfirmedPublisher.apart(connections, settings.confirmTimeout());
    this.repeatInterval = settings.repeatInterval();
    this.relay =
        new Relay<>(
            loops
                .loop("cancel-relay")
                .saying(
                    "Cancels cannot be sent now and will be repeated; workers hear of them with"
                        + " their next heartbeat")
                .lastly(publisher::close),
            CAPACITY,
            BATCH,
            this::tell,
            new Relay.Sweep(settings.lookInterval(), this::tellUnanswered));
    this.published =
        Counter.builder("aiopslab.cancels.published")
            .description("Commands that the broker has confirmed")
            .register(meters);
    this.unconfirmed =
        Counter.builder("aiopslab.cancels.unconfirmed")
            .description("Tries after which the broker had not confirmed a command")
            .register(meters);
  }

  /** Never waits. What does not fit is found in the table. */
  void offer(Order order) {
    boolean unused = relay.offer(order);
  }

  /** What somebody else has asked for, or what was sent and had no effect for a while. */
  private boolean tellUnanswered() {
    List<Order> unanswered = cancels.unanswered(Duration.ZERO, MOST);
    told.keySet().retainAll(Set.copyOf(unanswered));
    List<Order> toBeTold = unanswered.stream().filter(this::isToBeTold).toList();
    for (int from = 0; from < toBeTold.size(); from += BATCH) {
      tell(toBeTold.subList(from, Math.min(from + BATCH, toBeTold.size())));
    }
    return false;
  }

  private boolean isToBeTold(Order order) {
    Long at = told.get(order);
    return at == null || System.nanoTime() - at >= repeatInterval.toNanos();
  }

  private void tell(List<Order> orders) {
    Set<Order> each = new LinkedHashSet<>(orders);
    int arrived = 0;
    try {
      arrived = publisher.publish(each.stream().map(CancelRelay::message).toList()).size();
    } finally {
      published.increment(arrived);
      unconfirmed.increment(each.size() - arrived);
    }
    each.forEach(order -> told.put(order, System.nanoTime()));
  }

  private static Outgoing message(Order order) {
    ClusterCommand command = ClusterCommand.cancel(order.taskId(), order.sessionId());
    return new Outgoing(
        Topology.commands(order.workerId()), command.messageId(), command.toBytes());
  }
}

package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.outbox.Outbox;
import io.aiopslab.tasks.store.SessionActions.Order;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Steps that have just been written down, on their way to the relay's thread. */
@Component
class StepOutbox {
  private static final Logger log = LoggerFactory.getLogger(StepOutbox.class);
  private static final int CAPACITY = 10_000;

  private final Outbox<Order> waiting = new Outbox<>(CAPACITY);

  /** Never waits. What does not fit is sent once somebody has waited for it. */
  void offer(Order order) {
    if (!waiting.offer(order)) {
      log.debug("The outbox is full: step {} of task {} waits", order.index(), order.taskId());
    }
  }

  /** Waits for a step at most that long, then takes all there are, up to the limit. */
  List<Order> take(Duration longest, int limit) throws InterruptedException {
    return waiting.take(longest, limit);
  }
}

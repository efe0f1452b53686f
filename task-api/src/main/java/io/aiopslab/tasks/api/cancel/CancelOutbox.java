package io.aiopslab.tasks.api.cancel;

import io.aiopslab.tasks.api.outbox.Outbox;
import io.aiopslab.tasks.store.TaskCancels.Order;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Cancels that have just been committed, on their way to the relay's thread. */
@Component
class CancelOutbox {
  private static final Logger log = LoggerFactory.getLogger(CancelOutbox.class);
  private static final int CAPACITY = 10_000;

  private final Outbox<Order> waiting = new Outbox<>(CAPACITY);

  /** Never waits. What does not fit is left to the sweep. */
  void offer(Order order) {
    if (!waiting.offer(order)) {
      log.debug("The outbox is full: the cancel of task {} is left to the sweep", order.taskId());
    }
  }

  /** Waits for a cancel at most that long, then takes all there are, up to the limit. */
  List<Order> take(Duration longest, int limit) throws InterruptedException {
    return waiting.take(longest, limit);
  }

  /** Leaves everything to the sweep. */
  void clear() {
    waiting.clear();
  }
}

package io.aiopslab.tasks.api.dispatch;

import io.aiopslab.tasks.api.outbox.Outbox;
import io.aiopslab.tasks.message.Ticket;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Tickets of tasks that have just been committed, on their way to the relay's thread. */
@Component
public class TicketOutbox {
  private static final Logger log = LoggerFactory.getLogger(TicketOutbox.class);

  private final Outbox<Ticket> waiting;

  TicketOutbox(RelaySettings settings, MeterRegistry metrics) {
    this.waiting = new Outbox<>(settings.outboxCapacity());
    Gauge.builder("aiopslab.tickets.waiting", waiting, Outbox::size)
        .description("Tickets in memory that wait for the relay")
        .register(metrics);
  }

  /**
   * Never waits. To be called after the commit. A ticket that does not fit is left to the sweep,
   * which finds its task in the table.
   */
  public void offer(Ticket ticket) {
    if (!waiting.offer(ticket)) {
      log.debug("The outbox is full: task {} is left to the sweep", ticket.taskId());
    }
  }

  /** Waits for a ticket at most that long, then takes all there are, up to the limit. */
  List<Ticket> take(Duration longest, int limit) throws InterruptedException {
    return waiting.take(longest, limit);
  }

  /** Leaves everything to the sweep. */
  void clear() {
    waiting.clear();
  }
}

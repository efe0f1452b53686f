package io.aiopslab.tasks.api.dispatch;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.store.Tickets;
import io.github.resilience4j.core.IntervalFunction;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Sends tickets on a thread of its own, so that a slow or missing broker delays nobody. The table
 * is the memory: whatever is lost on the way is found by the sweep.
 */
@Component
class TicketRelay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(TicketRelay.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final TicketOutbox outbox;
  private final Tickets tickets;
  private final SendTickets send;
  private final RelaySettings settings;
  private final IntervalFunction pauses;
  private final Counter swept;
  private volatile @Nullable Thread thread;
  private long nextSweep = System.nanoTime();

  TicketRelay(
      TicketOutbox outbox,
      Tickets tickets,
      SendTickets send,
      RelaySettings settings,
      MeterRegistry metrics) {
    this.outbox = outbox;
    this.tickets = tickets;
    this.send = send;
    this.settings = settings;
    this.pauses =
        IntervalFunction.ofExponentialRandomBackoff(
            settings.firstPause(), 2, 0.5, settings.longestPause());
    this.swept =
        Counter.builder("aiopslab.tickets.swept")
            .description("Tickets that a sweep found missing at the broker")
            .register(metrics);
  }

  /**
   * One sweep: sends the tickets that the broker has not confirmed so far, oldest first.
   *
   * @return how many there were, up to the limit of a sweep
   */
  synchronized int runOnce() {
    List<Ticket> missing = tickets.unpublished(settings.sweepAge(), settings.sweepLimit());
    swept.increment(missing.size());
    for (int from = 0; from < missing.size(); from += settings.batchSize()) {
      int to = Math.min(missing.size(), from + settings.batchSize());
      send.send(missing.subList(from, to));
    }
    return missing.size();
  }

  private void run() {
    int failures = 0;
    while (thread == Thread.currentThread()) {
      try {
        sendNew();
        sweepWhenDue();
        if (failures > 0) {
          log.info("Tickets are being sent again");
        }
        failures = 0;
      } catch (BrokerUnavailableException | DataAccessException | AmqpException e) {
        failures++;
        if (failures == 1) {
          log.warn("Tickets wait in the database until they can be sent: {}", e.getMessage());
        }
        leaveToTheSweep();
        pause(failures);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        log.error("The relay failed; it goes on with a sweep", e);
        leaveToTheSweep();
        pause(++failures);
      }
    }
  }

  private void sendNew() throws InterruptedException {
    Duration untilSweep = Duration.ofNanos(Math.max(0, nextSweep - System.nanoTime()));
    List<Ticket> fresh = outbox.take(untilSweep, settings.batchSize());
    synchronized (this) {
      send.send(fresh);
    }
  }

  private void sweepWhenDue() {
    if (System.nanoTime() - nextSweep >= 0) {
      int found = runOnce();
      boolean maybeMore = found == settings.sweepLimit();
      nextSweep = System.nanoTime() + (maybeMore ? 0 : settings.sweepInterval().toNanos());
    }
  }

  private void leaveToTheSweep() {
    outbox.clear();
    nextSweep = System.nanoTime();
  }

  private void pause(int failures) {
    try {
      Thread.sleep(pauses.apply(failures));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void start() {
    Thread started = new Thread(this::run, "ticket-relay");
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
    send.close();
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }
}

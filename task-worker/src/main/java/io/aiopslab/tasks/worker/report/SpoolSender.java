package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.github.resilience4j.core.IntervalFunction;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/** Takes events from the spool to the broker, in order per run. */
@Component
public class SpoolSender {
  private static final Logger log = LoggerFactory.getLogger(SpoolSender.class);
  private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(10);

  private final EventSpool spool;
  private final ConfirmedPublisher publisher;
  private final Counter published;
  private final IntervalFunction backoff =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(100), 2, 0.3, Duration.ofSeconds(3));
  private int failures;

  SpoolSender(EventSpool spool, ConnectionFactory connections, MeterRegistry meters) {
    this.spool = spool;
    ConnectionFactory own = connections.getPublisherConnectionFactory();
    this.publisher = new ConfirmedPublisher(own == null ? connections : own, CONFIRM_TIMEOUT);
    this.published = meters.counter("aiopslab.worker.events.published");
  }

  /** Sends until it is interrupted. */
  public void sendForever() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        if (!runOnce()) {
          spool.awaitFresh();
        } else if (failures > 0) {
          Thread.sleep(backoff.apply(Math.min(failures, 10)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      publisher.close();
    }
  }

  /**
   * Sends one batch.
   *
   * @return false if there was nothing to send
   */
  boolean runOnce() {
    try {
      SpoolBatch batch = SpoolBatch.from(spool.files());
      if (!batch.isEmpty()) {
        confirm(batch, publisher.publish(batch.messages()));
      }
      forgetWhatIsDone();
      return !batch.isEmpty();
    } catch (BrokerUnavailableException e) {
      if (failures++ == 0) {
        log.warn(
            "The broker is away ({}); events wait in the spool",
            NestedExceptionUtils.getMostSpecificCause(e).toString());
      }
      return true;
    } catch (IOException | RuntimeException e) {
      failures++;
      log.error("Events cannot be sent and stay in the spool; trying again", e);
      return true;
    }
  }

  private void confirm(SpoolBatch batch, Set<String> arrived) throws IOException {
    int count = batch.confirm(arrived);
    published.increment(count);
    if (count == 0) {
      failures++;
    } else if (failures > 0) {
      failures = 0;
      log.info("The broker takes events again");
    }
    spool.progressed();
  }

  private void forgetWhatIsDone() throws IOException {
    for (SpoolFile file : spool.files()) {
      if (file.isDone()) {
        spool.forget(file);
      }
    }
  }

  /** Waits until the broker has everything, or the time is over. */
  public void flush(Duration timeout) throws InterruptedException {
    if (!spool.awaitDrained(timeout)) {
      log.warn(
          "{} bytes of events are still in the spool; the next start of this worker sends them",
          spool.bytes());
    }
  }
}

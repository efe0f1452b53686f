package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.loop.Loops;
import io.github.resilience4j.core.IntervalFunction;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/** Takes events from the spool to the broker, in order per run. */
@Component
public class SpoolSender {
  /** Below the slots: it starts before them and stops after them, with what they said last. */
  public static final int PHASE = Integer.MAX_VALUE - 102;

  private static final Logger log = LoggerFactory.getLogger(SpoolSender.class);
  private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(10);

  private final EventSpool spool;
  private final ConfirmedPublisher publisher;
  private final Counter published;
  private final IntervalFunction backoff =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(100), 2, 0.3, Duration.ofSeconds(3));
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final int MOST_IN_VAIN = 2;

  private final RefusedRuns refused;
  private int failures;

  SpoolSender(EventSpool spool, ConnectionFactory connections, Loops loops, MeterRegistry meters) {
    this.spool = spool;
    this.publisher = ConfirmedPublisher.apart(connections, CONFIRM_TIMEOUT);
    this.refused = new RefusedRuns(meters);
    this.published = meters.counter("aiopslab.worker.events.published");
    loops
        .loop("spool-sender")
        .every(Duration.ZERO)
        .inPhase(PHASE)
        .saying("The spool cannot be read; trying again")
        .lastly(publisher::close)
        .repeat(this::sendOrWait);
  }

  private boolean sendOrWait() throws IOException, InterruptedException {
    if (!sendOnce()) {
      spool.awaitFresh(refused.isEmpty() ? IDLE : RefusedRuns.FIRST_PAUSE);
    } else if (failures > 0) {
      Thread.sleep(backoff.apply(Math.min(failures, 10)));
    }
    return true;
  }

  /**
   * Sends one batch. If nothing of it arrives, each run is tried alone: either the broker is away,
   * or one of them has an event that the broker does not take, which must not hold up the others.
   *
   * @return false if there was nothing to send
   */
  private boolean sendOnce() throws IOException {
    SpoolBatch batch = SpoolBatch.from(refused.without(spool.files()));
    if (!batch.isEmpty() && !send(batch) && batch.files().size() > 1) {
      sendAlone(batch.files());
    }
    keepWhatIsDone();
    return !batch.isEmpty();
  }

  /**
   * @return whether anything arrived
   */
  private boolean send(SpoolBatch batch) throws IOException {
    Set<String> arrived = publish(batch);
    Map<SpoolFile, Integer> counts = batch.confirm(arrived);
    int count = counts.values().stream().mapToInt(Integer::intValue).sum();
    published.increment(count);
    spool.progressed();
    if (count == 0) {
      failures++;
      return false;
    }
    if (failures > 0) {
      log.info("The broker takes events again");
    }
    failures = 0;
    counts.forEach(refused::note);
    return true;
  }

  private Set<String> publish(SpoolBatch batch) {
    try {
      return publisher.publish(batch.messages());
    } catch (RuntimeException | Error e) {
      publisher.close();
      if (failures == 0) {
        log.warn(
            "The broker is away or refuses an event ({}); events wait in the spool",
            NestedExceptionUtils.getMostSpecificCause(e).toString());
      }
      return Set.of();
    }
  }

  /** In another order each time, so that two that are refused hide nobody behind them. */
  private void sendAlone(Collection<SpoolFile> files) throws IOException {
    List<SpoolFile> order = new ArrayList<>(files);
    Collections.shuffle(order);
    List<SpoolFile> stuck = new ArrayList<>();
    int tried = 0;
    for (SpoolFile file : order) {
      if (tried >= MOST_IN_VAIN && stuck.size() == tried) {
        return; // the broker is away
      }
      tried++;
      if (!send(SpoolBatch.from(List.of(file)))) {
        stuck.add(file);
      }
    }
    if (stuck.size() < order.size()) {
      stuck.forEach(file -> refused.note(file, 0));
      failures = 0;
    }
  }

  private void keepWhatIsDone() throws IOException {
    for (SpoolFile file : spool.files()) {
      if (file.isDone()) {
        refused.forget(file);
        spool.keep(file);
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

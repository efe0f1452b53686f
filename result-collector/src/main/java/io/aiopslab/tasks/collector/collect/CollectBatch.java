package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.store.Outages;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.ImmediateRequeueAmqpException;
import org.springframework.amqp.core.BatchMessageListener;
import org.springframework.amqp.core.Message;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Stores a batch of messages; when this returns, all of them are committed, and the container
 * acknowledges them. Without a database it holds them and tries again, so that nothing goes round
 * and round between broker and collector.
 */
@Component
class CollectBatch implements BatchMessageListener {
  private static final Logger log = LoggerFactory.getLogger(CollectBatch.class);
  private static final IntervalFunction BACKOFF =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(200), 2.0, 0.3, Duration.ofSeconds(5));

  private final ReadMessage readMessage;
  private final StoreEvents storeEvents;
  private volatile boolean stopping;

  CollectBatch(ReadMessage readMessage, StoreEvents storeEvents) {
    this.readMessage = readMessage;
    this.storeEvents = storeEvents;
  }

  @Override
  public void onMessageBatch(List<Message> messages) {
    List<Received> readable = new ArrayList<>();
    for (Message message : messages) {
      throughOutages(() -> readMessage.read(message)).ifPresent(readable::add);
    }
    if (!readable.isEmpty()) {
      throughOutages(
          () -> {
            storeOrSingleOut(readable);
            return true;
          });
    }
  }

  private void storeOrSingleOut(List<Received> batch) {
    try {
      storeEvents.store(batch);
    } catch (RuntimeException e) {
      if (Outages.isOutage(e)) {
        throw e;
      }
      log.warn(
          "A batch of {} events cannot be stored ({}); storing them one by one",
          batch.size(),
          e.getMessage());
      batch.forEach(this::storeOrQuarantine);
    }
  }

  private void storeOrQuarantine(Received received) {
    try {
      storeEvents.store(List.of(received));
    } catch (RuntimeException e) {
      if (Outages.isOutage(e)) {
        throw e;
      }
      readMessage.quarantine(received.message(), "cannot be stored: " + e.getMessage());
    }
  }

  private <T> T throughOutages(java.util.function.Supplier<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return work.get();
      } catch (RuntimeException e) {
        if (!Outages.isOutage(e)) {
          throw e;
        }
        log.warn("The database is away, events are held until it is back: {}", e.getMessage());
        pause(BACKOFF.apply(Math.min(attempt, 10)), e);
      }
    }
  }

  private void pause(long millis, RuntimeException cause) {
    if (stopping) {
      throw new ImmediateRequeueAmqpException("stopped while the database was away", cause);
    }
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImmediateRequeueAmqpException("stopped while the database was away", cause);
    }
  }

  @EventListener(ContextClosedEvent.class)
  void stop() {
    stopping = true;
  }
}

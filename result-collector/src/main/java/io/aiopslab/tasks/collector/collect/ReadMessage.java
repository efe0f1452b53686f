package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.UnreadableMessageException;
import io.aiopslab.tasks.store.Evidence;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.stereotype.Component;

/** Message → event; what cannot be read goes into quarantine, whole. */
@Component
class ReadMessage {
  private static final Logger log = LoggerFactory.getLogger(ReadMessage.class);

  private final Evidence evidence;
  private final Counter quarantined;

  ReadMessage(Evidence evidence, MeterRegistry meters) {
    this.evidence = evidence;
    this.quarantined =
        Counter.builder("aiopslab.events.quarantined")
            .description("Messages that no collector can read")
            .register(meters);
  }

  /**
   * @return empty if the message is in quarantine now
   */
  Optional<Received> read(Message message) {
    try {
      return Optional.of(new Received(RunEvent.fromBytes(message.getBody()), message));
    } catch (UnreadableMessageException e) {
      quarantine(message, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  void quarantine(Message message, String reason) {
    String routingKey = String.valueOf(message.getMessageProperties().getReceivedRoutingKey());
    evidence.quarantine(
        new Evidence.DeadLetter(
            Topology.EVENTS_QUEUE,
            routingKey,
            message.getMessageProperties().getMessageId(),
            message.getBody()),
        reason);
    quarantined.increment();
    log.warn("Quarantined a message with key {} (see table dead_letters): {}", routingKey, reason);
  }
}

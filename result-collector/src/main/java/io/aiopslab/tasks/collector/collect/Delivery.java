package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.broker.PlainProperties;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.UnreadableMessageException;
import io.aiopslab.tasks.store.Evidence.DeadLetter;
import io.aiopslab.tasks.task.TraceParent;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;

/**
 * A message as it came, and what it says.
 *
 * @param trace what the event continues; null if it does not say
 * @param event null if it cannot be read
 * @param unreadable why it cannot be read; null if it can
 */
record Delivery(
    DeadLetter letter,
    @Nullable TraceParent trace,
    @Nullable RunEvent event,
    @Nullable String unreadable) {

  static Delivery of(Message message) {
    MessageProperties properties = message.getMessageProperties();
    DeadLetter letter =
        new DeadLetter(
            orUnknown(properties.getConsumerQueue()),
            orUnknown(properties.getReceivedRoutingKey()),
            properties.getMessageId(),
            message.getBody());
    TraceParent trace = PlainProperties.trace(properties);
    try {
      return new Delivery(letter, trace, RunEvent.fromBytes(message.getBody()), null);
    } catch (UnreadableMessageException e) {
      return new Delivery(letter, trace, null, String.valueOf(e.getMessage()));
    }
  }

  private static String orUnknown(@Nullable String name) {
    return name == null ? "unknown" : name;
  }
}

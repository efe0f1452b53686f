package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.failpoint.Failpoint;
import java.util.ArrayList;
import java.util.List;
import org.springframework.amqp.core.BatchMessageListener;
import org.springframework.amqp.core.Message;
import org.springframework.stereotype.Component;

/** Takes what the broker hands over; the container acknowledges when this returns. */
@Component
class EventBatchListener implements BatchMessageListener {
  /** Decoded, a message takes some times its size: large ones are stored a few at a time. */
  static final int SLICE_BYTES = 8 << 20;

  private final BatchSafekeeping safekeeping;
  private final CollectorMetrics metrics;

  EventBatchListener(BatchSafekeeping safekeeping, CollectorMetrics metrics) {
    this.safekeeping = safekeeping;
    this.metrics = metrics;
  }

  @Override
  public void onMessageBatch(List<Message> messages) {
    metrics.received(messages.size());
    for (List<Message> slice : slices(messages)) {
      safekeeping.keep(slice.stream().map(Delivery::of).toList());
    }
    Failpoint.AFTER_INSERT_BEFORE_ACKNOWLEDGE.reached();
  }

  static List<List<Message>> slices(List<Message> messages) {
    List<List<Message>> slices = new ArrayList<>();
    List<Message> slice = new ArrayList<>();
    long bytes = 0;
    for (Message message : messages) {
      int size = message.getBody().length;
      if (!slice.isEmpty() && bytes + size > SLICE_BYTES) {
        slices.add(slice);
        slice = new ArrayList<>();
        bytes = 0;
      }
      slice.add(message);
      bytes += size;
    }
    slices.add(slice);
    return slices;
  }
}

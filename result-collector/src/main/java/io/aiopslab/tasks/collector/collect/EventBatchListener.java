package io.aiopslab.tasks.collector.collect;

import com.rabbitmq.client.Channel;
import io.aiopslab.tasks.collector.CollectorSettings;
import io.aiopslab.tasks.failpoint.Failpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.connection.ChannelProxy;
import org.springframework.amqp.rabbit.listener.api.ChannelAwareBatchMessageListener;
import org.springframework.stereotype.Component;

/** Takes what the broker hands over; the container acknowledges when this returns. */
@Component
class EventBatchListener implements ChannelAwareBatchMessageListener {
  /** Decoded, a message takes some times its size: large ones are stored a few at a time. */
  static final int SLICE_BYTES = 8 << 20;

  /** Of raw messages in memory: an eighth of the heap, so 32 MiB of 256. */
  private static final long WINDOW_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private static final Logger log = LoggerFactory.getLogger(EventBatchListener.class);

  private final BatchSafekeeping safekeeping;
  private final CollectorMetrics metrics;
  private final PrefetchWindow window;

  EventBatchListener(
      BatchSafekeeping safekeeping, CollectorMetrics metrics, CollectorSettings settings) {
    this.safekeeping = safekeeping;
    this.metrics = metrics;
    this.window = new PrefetchWindow(most(settings), WINDOW_BYTES);
  }

  /** A full batch, and some more to begin the next one with. */
  private static int most(CollectorSettings settings) {
    return settings.batchSize() + settings.batchSize() / 4;
  }

  @Override
  public void onMessageBatch(List<Message> messages, @Nullable Channel channel) {
    resize(Objects.requireNonNull(channel, "channel"), messages);
    metrics.received(messages.size());
    for (List<Message> slice : slices(messages)) {
      safekeeping.keep(slice.stream().map(Delivery::of).toList());
    }
    Failpoint.AFTER_INSERT_BEFORE_ACKNOWLEDGE.reached();
  }

  private void resize(Channel channel, List<Message> messages) {
    Object physical = channel instanceof ChannelProxy proxy ? proxy.getTargetChannel() : channel;
    int largest = messages.stream().mapToInt(each -> each.getBody().length).max().orElse(0);
    int size = window.after(physical, largest);
    if (size > 0) {
      try {
        channel.basicQos(size, true);
      } catch (IOException e) {
        log.debug("The channel is gone, and its messages will come again", e);
      }
    }
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

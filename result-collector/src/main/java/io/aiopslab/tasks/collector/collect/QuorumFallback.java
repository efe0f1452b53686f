package io.aiopslab.tasks.collector.collect;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.listener.ListenerContainerConsumerFailedEvent;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * A quorum queue refuses a window that can be changed while it is consumed from: then the collector
 * goes on with one that is small enough for messages of every size.
 */
@Component
class QuorumFallback {
  /** Ordinary messages have less than 1 MiB. */
  private static final int FIXED = 2 * PrefetchWindow.FIRST;

  private static final Logger log = LoggerFactory.getLogger(QuorumFallback.class);

  @EventListener
  void onFailure(ListenerContainerConsumerFailedEvent failure) {
    if (failure.getSource() instanceof SimpleMessageListenerContainer container
        && isRefused(failure.getThrowable())) {
      container.setGlobalQos(false);
      container.setPrefetchCount(FIXED);
      log.info("Events are in a quorum queue: at most {} messages are taken at a time", FIXED);
    }
  }

  private static boolean isRefused(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Connection.Close close) {
        return close.getReplyCode() == AMQP.NOT_IMPLEMENTED
            && close.getReplyText().contains("global qos");
      }
    }
    return false;
  }
}

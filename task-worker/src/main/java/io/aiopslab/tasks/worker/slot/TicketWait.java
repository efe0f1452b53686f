package io.aiopslab.tasks.worker.slot;

import com.rabbitmq.client.ShutdownSignalException;
import io.aiopslab.tasks.broker.Topology;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.core.NestedExceptionUtils;

/**
 * Waits for a ticket or the poll interval, whichever comes first. A ticket is acknowledged as it is
 * received and only says when to look, so it does not matter what is in it. Without a broker this
 * is a plain wait.
 */
final class TicketWait {
  private static final Logger log = LoggerFactory.getLogger(TicketWait.class);

  private final RabbitTemplate broker;
  private final String backendType;
  private final StopSignal stop;
  private boolean declared;
  private boolean away;

  TicketWait(RabbitTemplate broker, String backendType, StopSignal stop) {
    this.broker = broker;
    this.backendType = backendType;
    this.stop = stop;
  }

  /**
   * @param most zero takes a ticket only if one is there
   */
  void await(Duration most) {
    long end = System.nanoTime() + most.toNanos();
    stop.interrupting(
        () -> {
          if (!receive(most)) {
            stop.pause(Duration.ofNanos(end - System.nanoTime()));
          }
        });
  }

  /**
   * @return false if the broker could not be asked
   */
  private boolean receive(Duration most) {
    try {
      if (!declared) {
        broker.execute(
            channel -> {
              Topology.tickets(backendType).declare(channel);
              return true;
            });
        declared = true;
      }
      String queue = Topology.ticketQueue(backendType);
      Message unused =
          most.isZero() ? broker.receive(queue) : broker.receive(queue, most.toMillis());
      if (away) {
        log.info("The broker is back; waiting for tickets of backend {} again", backendType);
        away = false;
      }
      return true;
    } catch (AmqpException e) {
      declared = false;
      return isQueueGone(e) || stop.isGiven() || sayAway(e);
    }
  }

  private boolean sayAway(AmqpException e) {
    if (!away) {
      log.warn(
          "No tickets from the broker ({}); polling the database instead",
          NestedExceptionUtils.getMostSpecificCause(e).toString());
      away = true;
    }
    return false;
  }

  /** Somebody deleted the queue: the next wait declares it, and meanwhile a look is due. */
  private static boolean isQueueGone(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ShutdownSignalException signal) {
        return String.valueOf(signal.getReason()).contains("404");
      }
    }
    return e instanceof org.springframework.amqp.rabbit.listener.QueuesNotAvailableException
        || e instanceof org.springframework.amqp.rabbit.support.ConsumerCancelledException;
  }
}

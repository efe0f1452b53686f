package io.aiopslab.tasks.api.relay;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.aiopslab.tasks.broker.Topology;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;

/**
 * The queues of tickets as the broker has them, on a channel that is opened when it is needed. A
 * queue that is not there is empty. For one thread, and not for long: a queue that is looked at
 * does not expire.
 */
public final class TicketQueues implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TicketQueues.class);

  private final ConnectionFactory connections;
  private @Nullable Channel channel;

  public TicketQueues(ConnectionFactory connections) {
    this.connections = connections;
  }

  /** How many tickets of a backend wait. */
  public int depth(String backendType) throws IOException {
    try {
      return channel().queueDeclarePassive(Topology.ticketQueue(backendType)).getMessageCount();
    } catch (IOException e) {
      throwUnlessMissing(e);
      return 0;
    }
  }

  /**
   * Takes one ticket away.
   *
   * @return whether there was one
   */
  boolean removeOne(String backendType) throws IOException {
    try {
      return channel().basicGet(Topology.ticketQueue(backendType), true) != null;
    } catch (IOException e) {
      throwUnlessMissing(e);
      return false;
    }
  }

  private static void throwUnlessMissing(IOException e) throws IOException {
    boolean missing =
        e.getCause() instanceof ShutdownSignalException signal
            && signal.getReason() instanceof AMQP.Channel.Close close
            && close.getReplyCode() == AMQP.NOT_FOUND;
    if (!missing) {
      throw e;
    }
  }

  private Channel channel() throws IOException {
    Channel open = channel;
    if (open == null || !open.isOpen()) {
      Connection connection = connections.createConnection().getDelegate();
      open = connection == null ? null : connection.createChannel();
      if (open == null) {
        throw new IOException("the broker gives no channel");
      }
      channel = open;
    }
    return open;
  }

  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.abort();
      }
    } catch (IOException | AmqpException e) {
      log.debug("Closing the channel", e);
    }
  }
}

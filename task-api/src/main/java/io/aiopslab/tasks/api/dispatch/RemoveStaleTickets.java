package io.aiopslab.tasks.api.dispatch;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import io.aiopslab.tasks.api.look.LookRounds;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.store.Tickets;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Takes tickets away whose tasks no longer wait, so that what the broker shows of a backend is what
 * waits for it. One ticket is as good as another: should one too many go, its task is found by the
 * workers' next poll.
 *
 * <p>Whoever takes a task without a ticket, or cancels one, says so, and as many tickets go: that
 * costs no query, however long the queue is. What is left over all the same, of a ticket that was
 * sent twice or a cancel by a collector, is found by comparing short queues with what is pending,
 * only of backends that have a live worker: a queue that is looked at does not expire, and that of
 * an invented backend has to.
 */
@Component
public class RemoveStaleTickets implements SmartLifecycle {
  /** A queue that is longer is not compared: what waits is never counted further than that. */
  private static final int LONGEST_COMPARED = 2000;

  private static final int COMPARED_EVERY = 5;
  private static final int LOOKS = 3;
  private static final int MOST_AT_ONCE = 5000;
  private static final int MOST_BACKENDS = 10_000;
  private static final Logger log = LoggerFactory.getLogger(RemoveStaleTickets.class);

  private final ConnectionFactory connections;
  private final Tickets tickets;
  private final Counter removed;
  private final LookRounds rounds;
  private final ConcurrentHashMap<String, Integer> left = new ConcurrentHashMap<>();
  private Map<String, Excess> excess = Map.of();
  private int round;
  private boolean complained;

  RemoveStaleTickets(
      ConnectionFactory connections,
      Tickets tickets,
      RelaySettings settings,
      MeterRegistry metrics) {
    this.connections = connections;
    this.tickets = tickets;
    this.removed =
        Counter.builder("aiopslab.tickets.removed")
            .description("Tickets taken away because their tasks no longer wait")
            .register(metrics);
    this.rounds =
        new LookRounds("stale-tickets", settings.staleInterval(), () -> false, this::runOnce);
  }

  /**
   * So many tasks of a backend wait no longer, and nobody has taken a ticket for them. To be called
   * after the commit; never waits.
   */
  public void left(String backendType, int count) {
    if (count > 0 && (left.size() < MOST_BACKENDS || left.containsKey(backendType))) {
      left.merge(backendType, count, Integer::sum);
    }
  }

  private void runOnce() {
    try (Broker broker = new Broker()) {
      removeLeft(broker);
      if (++round % COMPARED_EVERY == 0) {
        compare(broker);
      }
      complained = false;
    } catch (IOException | AmqpException | ShutdownSignalException | DataAccessException e) {
      complain(e);
    }
  }

  /**
   * What cannot be taken away because the broker is away is left to the comparison: nobody knows
   * whether those tickets were ever sent.
   */
  private void removeLeft(Broker broker) throws IOException {
    for (String backend : left.keySet()) {
      int count = Objects.requireNonNullElse(left.remove(backend), 0);
      int now = Math.min(count, MOST_AT_ONCE);
      if (broker.remove(backend, now) == now) {
        left(backend, count - now);
      }
    }
  }

  /** What is too much in several looks in a row is no ticket that somebody is about to use. */
  private void compare(Broker broker) throws IOException {
    Map<String, Excess> before = excess;
    Map<String, Excess> now = new HashMap<>();
    excess = now;
    for (String backend : tickets.backendsWithWorkers()) {
      int depth = broker.depth(backend);
      if (depth > 0 && depth <= LONGEST_COMPARED) {
        int more = depth - tickets.pending(backend, depth) - left.getOrDefault(backend, 0);
        Excess seen = before.getOrDefault(backend, Excess.NONE).and(more);
        if (seen.looks() == LOOKS) {
          broker.remove(backend, seen.least());
        } else if (more > 0) {
          now.put(backend, seen);
        }
      }
    }
  }

  /**
   * Tickets that are too many.
   *
   * @param least in any of the looks
   */
  private record Excess(int looks, int least) {
    static final Excess NONE = new Excess(0, Integer.MAX_VALUE);

    Excess and(int more) {
      return more > 0 ? new Excess(looks + 1, Math.min(least, more)) : NONE;
    }
  }

  private void complain(Exception e) {
    if (!complained) {
      log.warn(
          "Stale tickets stay at the broker for now. If access was refused, import"
              + " infra/rabbitmq/definitions.json again: {}",
          e.toString());
      complained = true;
    }
  }

  /** A channel for one round, opened when it is needed. A queue that is not there is empty. */
  private final class Broker implements AutoCloseable {
    private @Nullable Channel channel;

    int depth(String backend) throws IOException {
      try {
        return channel().queueDeclarePassive(Topology.ticketQueue(backend)).getMessageCount();
      } catch (IOException e) {
        throwUnlessMissing(e);
        return 0;
      }
    }

    /**
     * @return how many there were, at most {@code count}
     */
    int remove(String backend, int count) throws IOException {
      int taken = 0;
      try {
        while (taken < count && channel().basicGet(Topology.ticketQueue(backend), true) != null) {
          removed.increment();
          taken++;
        }
      } catch (IOException e) {
        throwUnlessMissing(e);
      }
      return taken;
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
        com.rabbitmq.client.Connection connection = connections.createConnection().getDelegate();
        open =
            Objects.requireNonNull(
                connection == null ? null : connection.createChannel(),
                "the broker gives no channel");
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

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void stop() {
    rounds.stop();
  }

  @Override
  public boolean isRunning() {
    return rounds.isRunning();
  }
}

package io.aiopslab.tasks.api.dispatch;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.store.Tickets;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Takes the tickets away whose tasks were taken or ended without them: by a worker that speaks HTTP
 * or polls, by a cancel. So what the broker shows of a backend is what waits for it, and nobody
 * scales on work that is not there.
 *
 * <p>A backend with more tickets than pending tasks has stale ones, whichever those are: one ticket
 * is as good as another. Should one too many go, its task is found by the workers' next poll.
 */
@Component
class RemoveStaleTickets implements SmartLifecycle {
  /** A backend with more pending tasks than that is left alone: counting them would be dear. */
  static final int MOST_COUNTED = 20_000;

  private static final int MOST_AT_ONCE = 5_000;
  private static final Logger log = LoggerFactory.getLogger(RemoveStaleTickets.class);

  private final ConnectionFactory connections;
  private final Tickets tickets;
  private final Duration interval;
  private final Counter removed;

  /** Only backends that had a ticket or work of late: looking at a queue keeps it for a day. */
  private final Set<String> watched = ConcurrentHashMap.newKeySet();

  private Map<String, Long> excess = Map.of();
  private boolean begun;
  private boolean complained;
  private volatile @Nullable ScheduledExecutorService running;

  RemoveStaleTickets(
      ConnectionFactory connections,
      Tickets tickets,
      RelaySettings settings,
      MeterRegistry metrics) {
    this.connections = connections;
    this.tickets = tickets;
    this.interval = settings.staleInterval();
    this.removed =
        Counter.builder("aiopslab.tickets.removed")
            .description("Tickets taken away because their tasks no longer wait")
            .register(metrics);
  }

  /** A ticket of it was sent. */
  void watch(String backendType) {
    watched.add(backendType);
  }

  /** One look at every watched backend. A look that was not the first of its kind removes. */
  synchronized void runOnce() {
    if (!begun) {
      watched.addAll(tickets.backendsWithWork());
      begun = true;
    }
    Map<String, Long> before = excess;
    Map<String, Long> now = new HashMap<>();
    Channel channel = null;
    try {
      for (String backend : watched) {
        channel = channel != null && channel.isOpen() ? channel : open();
        long more = look(channel, backend);
        if (more > 0) {
          now.put(backend, more);
          // What was there a look ago is no ticket that a worker was just about to use.
          long stale = Math.min(more, before.getOrDefault(backend, 0L));
          remove(channel, backend, Math.min(stale, MOST_AT_ONCE));
        }
      }
      complained = false;
    } catch (IOException | AmqpException | ShutdownSignalException | DataAccessException e) {
      complain(e);
    } finally {
      excess = now;
      close(channel);
    }
  }

  private long look(Channel channel, String backend) throws IOException {
    long depth = depth(channel, backend);
    long pending = tickets.pending(backend, (int) Math.min(depth + 1, MOST_COUNTED));
    if (depth == 0 && pending == 0) {
      watched.remove(backend);
    }
    return pending >= MOST_COUNTED ? 0 : depth - pending;
  }

  private static long depth(Channel channel, String backend) throws IOException {
    try {
      return channel.queueDeclarePassive(Topology.ticketQueue(backend)).getMessageCount();
    } catch (IOException e) {
      if (e.getCause() instanceof ShutdownSignalException signal && !signal.isHardError()) {
        return 0;
      }
      throw e;
    }
  }

  private void remove(Channel channel, String backend, long count) throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    for (long taken = 0; taken < count; taken++) {
      if (channel.basicGet(Topology.ticketQueue(backend), true) == null) {
        return;
      }
      removed.increment();
    }
  }

  private Channel open() throws IOException {
    com.rabbitmq.client.Connection connection = connections.createConnection().getDelegate();
    Channel channel = connection == null ? null : connection.createChannel();
    return Objects.requireNonNull(channel, "the broker gives no channel");
  }

  private static void close(@Nullable Channel channel) {
    try {
      if (channel != null) {
        channel.abort();
      }
    } catch (IOException | AmqpException e) {
      log.debug("Closing the channel", e);
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

  private void attempt() {
    try {
      runOnce();
    } catch (RuntimeException | Error e) {
      log.error("Looking for stale tickets failed; going on", e);
    }
  }

  @Override
  public void start() {
    ScheduledExecutorService started =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "stale-tickets");
              thread.setDaemon(true);
              return thread;
            });
    var unused =
        started.scheduleWithFixedDelay(
            this::attempt, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    running = started;
  }

  @Override
  public void stop() {
    ScheduledExecutorService stopping = running;
    running = null;
    if (stopping != null) {
      stopping.shutdownNow();
    }
  }

  @Override
  public boolean isRunning() {
    return running != null;
  }
}

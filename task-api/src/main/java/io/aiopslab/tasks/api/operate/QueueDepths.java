package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.relay.TicketQueues;
import io.aiopslab.tasks.loop.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * How many tickets wait at the broker. Asked on a thread and the connection of the relay, one look
 * at a time, kept for two seconds: neither a crowd of callers nor a broker that hangs costs much.
 */
@Component
class QueueDepths implements DisposableBean {
  private static final Logger log = LoggerFactory.getLogger(QueueDepths.class);
  private static final Duration KEPT = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final ConnectionFactory connections;
  private final ExecutorService asking = Threads.pool("queue-depths", 1);
  private @Nullable Look last;

  private record Look(CompletableFuture<Map<String, Long>> depths, long begun) {
    boolean isFresh() {
      return !depths.isDone() || System.nanoTime() - begun < KEPT.toNanos();
    }
  }

  QueueDepths(ConnectionFactory connections) {
    this.connections =
        Objects.requireNonNullElse(connections.getPublisherConnectionFactory(), connections);
  }

  /**
   * @return without the backends that the broker has not told of in time; a queue that is not there
   *     has no tickets
   */
  Map<String, Long> of(List<String> backends) {
    try {
      return look(backends).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("The broker does not say how many tickets wait", e);
      return Map.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of();
    }
  }

  private synchronized CompletableFuture<Map<String, Long>> look(List<String> backends) {
    Look known = last;
    if (known == null || !known.isFresh()) {
      known =
          new Look(CompletableFuture.supplyAsync(() -> ask(backends), asking), System.nanoTime());
      last = known;
    }
    return known.depths();
  }

  private Map<String, Long> ask(List<String> backends) {
    Map<String, Long> depths = new HashMap<>();
    try (TicketQueues queues = new TicketQueues(connections)) {
      for (String backend : backends) {
        depths.put(backend, (long) queues.depth(backend));
      }
      return depths;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void destroy() {
    asking.shutdownNow();
  }
}

package io.aiopslab.tasks.api.relay;

import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.store.Tickets;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
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
public class RemoveStaleTickets {
  /** A queue that is longer is not compared: what waits is never counted further than that. */
  private static final int LONGEST_COMPARED = 2000;

  private static final int COMPARED_EVERY = 5;
  private static final int LOOKS = 3;
  private static final int MOST_AT_ONCE = 5000;
  private static final int MOST_BACKENDS = 10_000;

  private final ConnectionFactory connections;
  private final Tickets tickets;
  private final Counter removed;
  private final ConcurrentHashMap<String, Integer> left = new ConcurrentHashMap<>();
  private Map<String, Excess> excess = Map.of();
  private int round;

  RemoveStaleTickets(
      ConnectionFactory connections,
      Tickets tickets,
      RelaySettings settings,
      Loops loops,
      MeterRegistry metrics) {
    this.connections = connections;
    this.tickets = tickets;
    this.removed =
        Counter.builder("aiopslab.tickets.removed")
            .description("Tickets taken away because their tasks no longer wait")
            .register(metrics);
    loops
        .loop("stale-tickets")
        .every(settings.staleInterval())
        .saying(
            "Stale tickets stay at the broker for now. If access was refused, import"
                + " infra/rabbitmq/definitions.json again")
        .repeat(this::runOnce);
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

  private boolean runOnce() throws IOException {
    try (TicketQueues queues = new TicketQueues(connections)) {
      removeLeft(queues);
      if (++round % COMPARED_EVERY == 0) {
        compare(queues);
      }
    }
    return false;
  }

  /**
   * What cannot be taken away because the broker is away is left to the comparison: nobody knows
   * whether those tickets were ever sent.
   */
  private void removeLeft(TicketQueues queues) throws IOException {
    for (String backend : left.keySet()) {
      int count = Objects.requireNonNullElse(left.remove(backend), 0);
      int now = Math.min(count, MOST_AT_ONCE);
      if (remove(queues, backend, now) == now) {
        left(backend, count - now);
      }
    }
  }

  /** What is too much in several looks in a row is no ticket that somebody is about to use. */
  private void compare(TicketQueues queues) throws IOException {
    Map<String, Excess> before = excess;
    Map<String, Excess> now = new HashMap<>();
    excess = now;
    for (String backend : tickets.backendsWithWorkers()) {
      int depth = queues.depth(backend);
      if (depth > 0 && depth <= LONGEST_COMPARED) {
        int more = depth - tickets.pending(backend, depth) - left.getOrDefault(backend, 0);
        Excess seen = before.getOrDefault(backend, Excess.NONE).and(more);
        if (seen.looks() == LOOKS) {
          remove(queues, backend, seen.least());
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

  /**
   * @return how many there were, at most {@code count}
   */
  private int remove(TicketQueues queues, String backendType, int count) throws IOException {
    int taken = 0;
    while (taken < count && queues.removeOne(backendType)) {
      removed.increment();
      taken++;
    }
    return taken;
  }
}

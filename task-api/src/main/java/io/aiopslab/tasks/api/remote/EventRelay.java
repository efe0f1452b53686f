package io.aiopslab.tasks.api.remote;

import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.task.TraceParent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Publishes what HTTP workers report, on a thread of its own, so that a broker that hangs holds
 * nobody. Keeps nothing: what it could not publish in time the worker sends again.
 */
@Component
class EventRelay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(EventRelay.class);
  private static final int BATCH = 32;

  private final BlockingQueue<Parcel> waiting;
  private final ConfirmedPublisher publisher;
  private final long confirmMillis;
  private final long mostBytes;
  private final AtomicLong bytes = new AtomicLong();
  private volatile @Nullable Thread thread;

  EventRelay(ConnectionFactory connections, RemoteSettings settings) {
    this.waiting = new ArrayBlockingQueue<>(settings.outboxCapacity());
    this.confirmMillis = settings.confirmWithin().toMillis();
    this.mostBytes = settings.outboxSize().toBytes();
    this.publisher =
        new ConfirmedPublisher(
            Objects.requireNonNullElse(connections.getPublisherConnectionFactory(), connections),
            settings.confirmWithin());
  }

  private record Parcel(List<Outgoing> messages, CompletableFuture<Void> arrived) {
    long bytes() {
      return messages.stream().mapToLong(message -> message.body().length).sum();
    }
  }

  /**
   * Never waits.
   *
   * @param trace what the events continue
   * @return completed when the broker has confirmed all of them; fails within the time limit
   *     otherwise, and then it is not known which have arrived
   */
  CompletableFuture<Void> send(List<RunEvent> events, @Nullable TraceParent trace) {
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    Parcel parcel =
        new Parcel(events.stream().map(event -> message(event, trace)).toList(), arrived);
    if (thread == null || !offer(parcel)) {
      arrived.completeExceptionally(
          new BrokerUnavailableException(
              "too many reports wait for the broker", new IllegalStateException("outbox full")));
    }
    return arrived.orTimeout(confirmMillis, TimeUnit.MILLISECONDS);
  }

  /** Bytes count until the broker has the parcel, or nobody waits for it any more. */
  private boolean offer(Parcel parcel) {
    long size = parcel.bytes();
    boolean fits = bytes.addAndGet(size) <= mostBytes && waiting.offer(parcel);
    if (!fits) {
      bytes.addAndGet(-size);
    }
    return fits;
  }

  private static Outgoing message(RunEvent event, @Nullable TraceParent trace) {
    return new Outgoing(
        Topology.taskEvents(event.body().kind(), event.taskId()),
        event.messageId(),
        event.toBytes(),
        trace);
  }

  private void run() {
    while (thread == Thread.currentThread()) {
      try {
        Parcel first = waiting.take();
        List<Parcel> batch = new ArrayList<>(List.of(first));
        waiting.drainTo(batch, BATCH - 1);
        long size = batch.stream().mapToLong(Parcel::bytes).sum();
        try {
          batch.removeIf(parcel -> parcel.arrived().isDone()); // nobody waits for these any more
          publish(batch);
        } finally {
          bytes.addAndGet(-size);
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void publish(List<Parcel> batch) {
    try {
      Set<String> confirmed =
          publisher.publish(batch.stream().flatMap(parcel -> parcel.messages().stream()).toList());
      for (Parcel parcel : batch) {
        settle(parcel, confirmed);
      }
    } catch (RuntimeException | Error e) {
      log.warn("Reports of HTTP workers cannot be published: {}", e.getMessage());
      batch.forEach(parcel -> parcel.arrived().completeExceptionally(e));
    }
  }

  private static void settle(Parcel parcel, Set<String> confirmed) {
    boolean all = parcel.messages().stream().map(Outgoing::messageId).allMatch(confirmed::contains);
    if (all) {
      parcel.arrived().complete(null);
    } else {
      parcel
          .arrived()
          .completeExceptionally(
              new BrokerUnavailableException(
                  "the broker did not confirm", new IllegalStateException("no confirm")));
    }
  }

  @Override
  public void start() {
    Thread started = new Thread(this::run, "event-relay");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  /** After the web server, whose last requests still report. */
  @Override
  public void stop() {
    Thread running = thread;
    thread = null;
    if (running != null) {
      running.interrupt();
      try {
        running.join(confirmMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    publisher.close();
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }

  @Override
  public int getPhase() {
    return 0;
  }
}

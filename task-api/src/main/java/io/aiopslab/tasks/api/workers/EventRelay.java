package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.relay.Relay;
import io.aiopslab.tasks.broker.BrokerUnavailableException;
import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.task.TraceParent;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.stereotype.Component;

/**
 * Publishes what HTTP workers report. Keeps nothing: what it could not publish in time the worker
 * sends again.
 */
@Component
class EventRelay {
  private static final int BATCH = 32;

  /** After the web server, whose last requests still report. */
  private static final int PHASE = 0;

  private final ConfirmedPublisher publisher;
  private final Relay<Parcel> relay;
  private final long confirmMillis;
  private final long mostBytes;
  private final AtomicLong bytes = new AtomicLong();

  EventRelay(ConnectionFactory connections, RemoteSettings settings, Loops loops) {
    this.confirmMillis = settings.confirmWithin().toMillis();
    this.mostBytes = settings.outboxSize().toBytes();
    this.publisher = ConfirmedPublisher.apart(connections, settings.confirmWithin());
    this.relay =
        new Relay<>(
            loops
                .loop("event-relay")
                .pausing(Duration.ofMillis(50), Duration.ofMillis(500))
                .saying("Reports of HTTP workers cannot be published; the workers send them again")
                .inPhase(PHASE)
                .lastly(publisher::close),
            settings.outboxCapacity(),
            BATCH,
            this::publish,
            null);
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
    if (!relay.isRunning() || !offer(parcel)) {
      arrived.completeExceptionally(
          new BrokerUnavailableException("too many reports wait for the broker"));
    }
    return arrived.orTimeout(confirmMillis, TimeUnit.MILLISECONDS);
  }

  /** Bytes count until the broker has the parcel, or nobody waits for it any more. */
  private boolean offer(Parcel parcel) {
    long size = parcel.bytes();
    boolean fits = bytes.addAndGet(size) <= mostBytes && relay.offer(parcel);
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

  private void publish(List<Parcel> batch) {
    List<Parcel> awaited = batch.stream().filter(parcel -> !parcel.arrived().isDone()).toList();
    List<Outgoing> messages =
        awaited.stream().flatMap(parcel -> parcel.messages().stream()).toList();
    try {
      Set<String> confirmed = messages.isEmpty() ? Set.of() : publisher.publish(messages);
      awaited.forEach(parcel -> settle(parcel, confirmed));
    } catch (RuntimeException | Error e) {
      awaited.forEach(parcel -> parcel.arrived().completeExceptionally(e));
      throw e;
    } finally {
      bytes.addAndGet(-batch.stream().mapToLong(Parcel::bytes).sum());
    }
  }

  private static void settle(Parcel parcel, Set<String> confirmed) {
    boolean all = parcel.messages().stream().map(Outgoing::messageId).allMatch(confirmed::contains);
    if (all) {
      parcel.arrived().complete(null);
    } else {
      parcel
          .arrived()
          .completeExceptionally(new BrokerUnavailableException("the broker did not confirm"));
    }
  }
}

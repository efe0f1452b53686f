package io.aiopslab.tasks.api.follow;

import io.aiopslab.tasks.api.problem.Refusal;
import jakarta.servlet.AsyncContext;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one thread that reads the news for all streams of this instance, only while there are any.
 * Apart from {@code look.EndWatcher}, which asks for one bit five times as often.
 */
@Component
class EventTail implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(EventTail.class);

  private final FanOut fanOut;
  private final StreamSettings settings;
  private final JsonMapper mapper;
  private final Semaphore free;
  private final Map<Follower, EventPipe> streams = new ConcurrentHashMap<>();
  private volatile @Nullable Thread thread;

  EventTail(FanOut fanOut, StreamSettings settings, JsonMapper mapper) {
    this.fanOut = fanOut;
    this.settings = settings;
    this.mapper = mapper;
    this.free = new Semaphore(settings.most());
  }

  /**
   * @throws Refusal if as many streams are open as are allowed
   */
  void reserve() {
    if (!free.tryAcquire()) {
      throw Refusal.unavailable(
          "too_many_streams",
          "%d event streams are open, which is the most; try again after the seconds in Retry-After."
              .formatted(settings.most()));
    }
  }

  void release() {
    free.release();
  }

  /** Takes over a request for which there is a reservation. */
  void follow(AsyncContext context, UUID taskId, Set<EventType> types, Position position)
      throws IOException {
    Follower follower = new Follower(taskId, types, position, settings.patience(), mapper);
    AtomicReference<@Nullable Follower> registered = new AtomicReference<>(follower);
    EventPipe pipe =
        new EventPipe(
            context,
            () -> {
              Follower gone = registered.getAndSet(null);
              if (gone != null) {
                streams.remove(gone);
                free.release();
              }
            });
    boolean first = streams.isEmpty();
    streams.put(follower, pipe);
    greet(pipe);
    Thread running = thread;
    if (running == null) {
      sendAway(pipe);
    } else if (first) {
      LockSupport.unpark(running);
    }
  }

  private void greet(EventPipe pipe) {
    try {
      pipe.open();
      EventText text = new EventText();
      text.retry(settings.retry().toMillis());
      pipe.offer(text.bytes());
    } catch (IllegalStateException e) {
      log.debug("A stream's client is gone", e);
      pipe.cut();
    }
  }

  private void run() {
    while (thread == Thread.currentThread()) {
      if (streams.isEmpty()) {
        LockSupport.park(this);
      } else if (!runOnce()) {
        LockSupport.parkNanos(this, settings.interval().toNanos());
      }
    }
  }

  /**
   * Sends every stream what is new for it, if its client has read what it was sent before.
   *
   * @return whether there is more to be sent at once
   */
  boolean runOnce() {
    try {
      fanOut.tendTo(streams);
      return fanOut.send(streams);
    } catch (DataAccessException | TransactionException e) {
      log.debug("The news cannot be read now", e);
    } catch (RuntimeException | Error e) {
      log.error("The streams' news could not be sent; they are tried again", e);
    }
    return false;
  }

  private void sendAway(EventPipe pipe) {
    if (!pipe.isDrained()) {
      pipe.cut();
      return;
    }
    EventText text = new EventText();
    text.retry(settings.retry().toMillis());
    text.add("shutdown", "{\"retry_ms\":%d}".formatted(settings.retry().toMillis()));
    pipe.offer(text.bytes());
    pipe.finish();
  }

  @Override
  public void start() {
    Thread started = new Thread(this::run, "event-tail");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  /** Before the web server stops: everybody is told to come back, so that it need not wait. */
  @Override
  public void stop() {
    Thread running = thread;
    thread = null;
    LockSupport.unpark(running);
    streams.values().forEach(this::sendAway);
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }
}

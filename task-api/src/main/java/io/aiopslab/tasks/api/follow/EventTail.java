package io.aiopslab.tasks.api.follow;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.loop.Loop;
import io.aiopslab.tasks.loop.Loops;
import jakarta.servlet.AsyncContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the news for all streams of this instance, only while there are any. Apart from {@code
 * look.WaitForEnds}, which asks for one bit five times as often.
 */
@Component
class EventTail {
  private static final Logger log = LoggerFactory.getLogger(EventTail.class);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final FanOut fanOut;
  private final StreamSettings settings;
  private final JsonMapper mapper;
  private final Semaphore free;
  private final Map<Follower, EventPipe> streams = new ConcurrentHashMap<>();
  private final Loop loop;

  EventTail(FanOut fanOut, StreamSettings settings, JsonMapper mapper, Loops loops) {
    this.fanOut = fanOut;
    this.settings = settings;
    this.mapper = mapper;
    this.free = new Semaphore(settings.most());
    this.loop =
        loops
            .loop("event-tail")
            .every(settings.interval())
            .onlyWhile(() -> !streams.isEmpty())
            .pausing(settings.interval(), LONGEST_PAUSE)
            .saying("The news of event streams cannot be read now; they go on when they can")
            .lastly(() -> streams.values().forEach(this::sendAway))
            .repeat(this::runOnce);
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
    streams.put(follower, pipe);
    greet(pipe);
    if (loop.isRunning()) {
      loop.wake();
    } else {
      sendAway(pipe);
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

  /**
   * Sends every stream what is new for it, if its client has read what it was sent before.
   *
   * @return whether there is more to be sent at once
   */
  boolean runOnce() {
    fanOut.tendTo(streams);
    return fanOut.send(streams);
  }

  /** Before the web server stops: everybody is told to come back, so that it need not wait. */
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
}

package io.aiopslab.tasks.collector.feed;

import io.aiopslab.tasks.store.SchemaGate;
import io.aiopslab.tasks.store.TrajectoryFeed;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Gives ended tasks their positions in the feed: at once for those that this collector has ended,
 * and after an interval for those that a sweep, another collector or the API has. Collectors take
 * turns; the database sees to that.
 */
@Component
public class FeedSequencer implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(FeedSequencer.class);
  private static final long PAUSE_AFTER_FAILURE_NANOS = 500_000_000;
  private static final long STOP_MILLIS = 10_000;

  private final SchemaGate schema;
  private final TrajectoryFeed feed;
  private final FeedSettings settings;
  private final Counter appended;
  private volatile @Nullable Thread thread;

  FeedSequencer(
      SchemaGate schema, TrajectoryFeed feed, FeedSettings settings, MeterRegistry meters) {
    this.schema = schema;
    this.feed = feed;
    this.settings = settings;
    this.appended =
        Counter.builder("aiopslab.collector.feed.appended")
            .description("Ended tasks that this collector gave a position in the feed")
            .register(meters);
  }

  /** Something may have ended just now. */
  public void wake() {
    LockSupport.unpark(thread);
  }

  /**
   * @return how many tasks it appended
   */
  int runOnce() {
    int all = 0;
    int moved;
    do {
      moved = feed.append(settings.batch(), settings.patience());
      appended.increment(moved);
      all += moved;
    } while (moved == settings.batch());
    return all;
  }

  private void run() {
    try {
      schema.await();
    } catch (InterruptedException e) {
      return;
    }
    boolean failing = false;
    while (thread == Thread.currentThread()) {
      long pause = settings.interval().toNanos();
      try {
        runOnce();
        failing = false;
      } catch (RuntimeException | Error e) {
        if (!failing && thread == Thread.currentThread()) {
          log.warn("The feed of trajectories stands still and is tried again: {}", e.toString());
        }
        failing = true;
        pause = PAUSE_AFTER_FAILURE_NANOS;
      }
      LockSupport.parkNanos(this, pause);
    }
  }

  @Override
  public synchronized void start() {
    Thread started = new Thread(this::run, "feed-sequencer");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  @Override
  public synchronized void stop() {
    Thread running = thread;
    thread = null;
    if (running == null) {
      return;
    }
    running.interrupt();
    try {
      running.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }
}

package io.aiopslab.tasks.api.trajectory;

import io.aiopslab.tasks.api.look.LookRounds;
import io.aiopslab.tasks.store.TrajectoryFeed;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Wakes those who wait at the end of the feed. One thread asks for all of them how long the feed
 * is, and only while somebody waits.
 */
@Component
class FeedWatcher implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(FeedWatcher.class);

  private final TrajectoryFeed feed;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final LookRounds rounds;

  FeedWatcher(TrajectoryFeed feed, FeedSettings settings) {
    this.feed = feed;
    this.rounds =
        new LookRounds("feed-watcher", settings.interval(), waiting::isEmpty, this::runOnce);
  }

  /** How long somebody is ready to wait. */
  static final class Patience {
    private final long end;

    Patience(Duration longest) {
      this.end = System.nanoTime() + longest.toNanos();
    }

    boolean isOver() {
      return end - System.nanoTime() <= 0;
    }
  }

  private record Waiting(long after, Patience patience, Runnable then) {}

  /** Whether waiting has any sense: not while the service stops. */
  boolean isWatching() {
    return rounds.isRunning();
  }

  /**
   * @param then called once, when there is something behind {@code after}, the time is over, or the
   *     service stops
   */
  void await(long after, Patience patience, Runnable then) {
    Waiting entry = new Waiting(after, patience, then);
    waiting.add(entry);
    if (rounds.isRunning()) {
      rounds.begin();
    } else {
      wake(entry);
    }
  }

  void runOnce() {
    List<Waiting> entries = List.copyOf(waiting);
    long last = last();
    for (Waiting entry : entries) {
      if (entry.after() < last || entry.patience().isOver()) {
        wake(entry);
      }
    }
  }

  private long last() {
    try {
      return feed.last();
    } catch (DataAccessException | TransactionException e) {
      log.debug("Cannot see now how long the feed is", e);
      return 0;
    }
  }

  private void wake(Waiting entry) {
    if (waiting.remove(entry)) {
      entry.then().run();
    }
  }

  @Override
  public void start() {
    rounds.start();
  }

  /** Before the web server stops: nobody waits in vain. */
  @Override
  public void stop() {
    rounds.stop();
    List.copyOf(waiting).forEach(this::wake);
  }

  @Override
  public boolean isRunning() {
    return rounds.isRunning();
  }
}

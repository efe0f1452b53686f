package io.aiopslab.tasks.collector.feed;

import io.aiopslab.tasks.loop.Loop;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.store.SchemaGate;
import io.aiopslab.tasks.store.TrajectoryFeed;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.stereotype.Component;

/**
 * Gives ended tasks their positions in the feed: at once for those that this collector has ended,
 * and after an interval for those that a sweep, another collector or the API has. Collectors take
 * turns; the database sees to that.
 */
@Component
public class FeedSequencer {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final TrajectoryFeed feed;
  private final FeedSettings settings;
  private final Counter appended;
  private final Loop loop;

  FeedSequencer(
      SchemaGate schema,
      TrajectoryFeed feed,
      FeedSettings settings,
      Loops loops,
      MeterRegistry meters) {
    this.feed = feed;
    this.settings = settings;
    this.appended =
        Counter.builder("aiopslab.collector.feed.appended")
            .description("Ended tasks that this collector gave a position in the feed")
            .register(meters);
    this.loop =
        loops
            .loop("feed-sequencer")
            .after(schema::await)
            .every(settings.interval())
            .pausing(FIRST_PAUSE, LONGEST_PAUSE)
            .saying("The feed of trajectories stands still and is tried again")
            .repeat(this::runOnce);
  }

  /** Something may have ended just now. */
  public void wake() {
    loop.wake();
  }

  private boolean runOnce() {
    int moved = feed.append(settings.batch(), settings.patience());
    appended.increment(moved);
    return moved == settings.batch();
  }
}

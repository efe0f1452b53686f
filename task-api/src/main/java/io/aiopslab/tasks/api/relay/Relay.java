package io.aiopslab.tasks.api.relay;

import io.aiopslab.tasks.loop.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes what was just committed to the broker, on a thread of its own, so that a broker that is
 * slow or away holds up no request. Its queue is bounded and forgotten after a failure: the table
 * is the memory, and a sweep finds there what is still to be sent.
 *
 * @param <T> what is sent
 */
public final class Relay<T> {
  private static final Duration NEVER = Duration.ofDays(1);

  private final BlockingQueue<T> waiting;
  private final int mostAtOnce;
  private final Consumer<List<T>> send;
  private final @Nullable Sweep sweep;
  private final Loop loop;
  private boolean sweepIsDue = true;
  private long lastSweep;

  /**
   * What the table knows, and the queue may have missed.
   *
   * @param every how often it is asked, besides at the start and after a failure
   * @param step sends what it finds
   */
  public record Sweep(Duration every, Loop.Step step) {}

  /**
   * @param loop without an interval
   * @param capacity most that may wait
   * @param mostAtOnce most that are sent in one go
   * @param send sends some, at least one
   * @param sweep null if nobody remembers what waits; then it is not forgotten after a failure
   */
  public Relay(
      Loop.Builder loop,
      int capacity,
      int mostAtOnce,
      Consumer<List<T>> send,
      @Nullable Sweep sweep) {
    this.waiting = new ArrayBlockingQueue<>(capacity);
    this.mostAtOnce = mostAtOnce;
    this.send = send;
    this.sweep = sweep;
    this.loop = loop.every(sweep == null ? NEVER : sweep.every()).repeat(this::runOnce);
  }

  /**
   * Never waits. To be called after the commit.
   *
   * @return false if there is no room; it is left to the sweep
   */
  public boolean offer(T item) {
    boolean taken = waiting.offer(item);
    loop.wake();
    return taken;
  }

  /** How many wait. */
  public int size() {
    return waiting.size();
  }

  public boolean isRunning() {
    return loop.isRunning();
  }

  private boolean runOnce() throws Exception {
    List<T> fresh = new ArrayList<>();
    waiting.drainTo(fresh, mostAtOnce);
    boolean more;
    try {
      if (!fresh.isEmpty()) {
        send.accept(fresh);
      }
      more = sweepWhenDue();
    } catch (Exception | Error e) {
      if (sweep != null) {
        waiting.clear();
        sweepIsDue = true;
      }
      throw e;
    }
    return more || !waiting.isEmpty();
  }

  private boolean sweepWhenDue() throws Exception {
    if (sweep == null) {
      return false;
    }
    if (sweepIsDue || System.nanoTime() - lastSweep >= sweep.every().toNanos()) {
      lastSweep = System.nanoTime();
      sweepIsDue = sweep.step().run();
    }
    return sweepIsDue;
  }
}

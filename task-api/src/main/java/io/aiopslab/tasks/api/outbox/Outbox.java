package io.aiopslab.tasks.api.outbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A bounded queue to one relay. The table is the memory: what is not in here, a sweep finds. */
public final class Outbox<T> {
  private final BlockingQueue<T> waiting;

  public Outbox(int capacity) {
    this.waiting = new ArrayBlockingQueue<>(capacity);
  }

  /**
   * Never waits.
   *
   * @return false if there is no room
   */
  public boolean offer(T item) {
    return waiting.offer(item);
  }

  /** Waits for one at most that long, then takes all there are, up to the limit. */
  public List<T> take(Duration longest, int limit) throws InterruptedException {
    List<T> taken = new ArrayList<>();
    T first = waiting.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
    if (first != null) {
      taken.add(first);
      waiting.drainTo(taken, limit - 1);
    }
    return taken;
  }

  /** Leaves everything to the sweep. */
  public void clear() {
    waiting.clear();
  }

  public int size() {
    return waiting.size();
  }
}

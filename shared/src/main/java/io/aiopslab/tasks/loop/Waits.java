package io.aiopslab.tasks.loop;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Those who wait until something is so in the database. One loop asks for all of them at once, and
 * only while somebody waits: a round costs the same however many there are, and nobody holds a
 * thread. Whoever begins to wait has looked for himself before.
 *
 * @param <K> what is waited for
 */
public final class Waits<K> {
  /** The answer itself takes time too; how much longer than it was asked for a wait may take. */
  public static final Duration GRACE = Duration.ofSeconds(30);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final ConcurrentSkipListMap<Long, Wait<K>> waiting = new ConcurrentSkipListMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final Condition<K> condition;
  private final Executor executor;
  private final Loop loop;

  /** What is waited for. */
  @FunctionalInterface
  public interface Condition<K> {
    /**
     * @param waited for, those who came first first; at least one
     * @return those of them that are so now
     */
    Collection<K> met(List<K> waited);
  }

  /** Somebody who waits; hears once what has come of it. */
  public interface Waiter {
    /** It is so. */
    void met();

    /** The time is over, or the service stops. */
    void over();

    /** The time is over, and nobody could tell whether it is so. */
    default void failed(RuntimeException e) {
      over();
    }
  }

  private record Wait<K>(K key, long end, BooleanSupplier gone, Waiter waiter) {
    boolean isOver() {
      return end - System.nanoTime() <= 0;
    }
  }

  /**
   * @param loop without an interval
   * @param interval between two looks
   * @param executor what tells waiters, if that takes long
   */
  public Waits(Loop.Builder loop, Duration interval, Condition<K> condition, Executor executor) {
    this.condition = condition;
    this.executor = executor;
    this.loop =
        loop.every(interval)
            .onlyWhile(() -> !waiting.isEmpty())
            .pausing(interval, LONGEST_PAUSE)
            .lastly(this::tellAll)
            .run(this::runOnce);
  }

  /**
   * @param gone whether nobody is there any more to be told
   */
  public void until(K key, Duration longest, BooleanSupplier gone, Waiter waiter) {
    long number = numbers.incrementAndGet();
    waiting.put(number, new Wait<>(key, System.nanoTime() + longest.toNanos(), gone, waiter));
    if (loop.isRunning()) {
      loop.wake();
    } else {
      tellAll();
    }
  }

  /** How many wait. */
  public int size() {
    return waiting.size();
  }

  /** Whether waiting has any sense: not while the service stops. */
  public boolean isRunning() {
    return loop.isRunning();
  }

  private void runOnce() {
    waiting.values().removeIf(wait -> wait.gone().getAsBoolean());
    List<K> waited = waiting.values().stream().map(Wait::key).toList();
    if (waited.isEmpty()) {
      return;
    }
    Set<K> met;
    try {
      met = Set.copyOf(condition.met(waited));
    } catch (RuntimeException e) {
      tellOf(e);
      throw e;
    }
    waiting.forEach(
        (number, wait) -> {
          if (met.contains(wait.key())) {
            tell(number, wait.waiter()::met);
          } else if (wait.isOver()) {
            tell(number, wait.waiter()::over);
          }
        });
  }

  private void tellOf(RuntimeException failure) {
    waiting.forEach(
        (number, wait) -> {
          if (wait.isOver()) {
            tell(number, () -> wait.waiter().failed(failure));
          }
        });
  }

  private void tellAll() {
    waiting.forEach((number, wait) -> tell(number, wait.waiter()::over));
  }

  private void tell(long number, Runnable what) {
    if (waiting.remove(number) != null) {
      executor.execute(what);
    }
  }
}

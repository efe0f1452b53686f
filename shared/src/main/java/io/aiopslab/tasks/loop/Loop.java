package io.aiopslab.tasks.loop;

import io.github.resilience4j.core.IntervalFunction;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.NestedExceptionUtils;

/**
 * One step, repeated on a thread of its own from the start of its service to its stop. Whatever the
 * step throws is logged, counted and shown in health, and after a pause the loop goes on: nobody
 * else does this work. Made by {@link Loops}.
 */
public final class Loop implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Loop.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final int MOST_DOUBLINGS = 20;

  private final String name;
  private final int phase;
  private final long intervalNanos;
  private final @Nullable BooleanSupplier wanted;
  private final IntervalFunction pauses;
  private final String consequence;
  private final Preparation preparation;
  private final Step step;
  private final Runnable lastly;
  private final Timer succeeding;
  private final Timer failing;
  private final Semaphore woken = new Semaphore(0);
  private volatile @Nullable Thread thread;
  private volatile boolean prepared;
  private volatile int failures;
  private volatile @Nullable Throwable lastFailure;
  private volatile long lastSuccess;
  private volatile Runnable whenStopped = () -> {};

  /** What is repeated. */
  @FunctionalInterface
  public interface Step {
    /**
     * @return whether there is more to do at once
     */
    boolean run() throws Exception;
  }

  /** What has to be so before the first step; waits for it. */
  @FunctionalInterface
  public interface Preparation {
    void await() throws InterruptedException;
  }

  private Loop(Builder made, Step step) {
    this.name = made.name;
    this.phase = made.phase;
    this.intervalNanos =
        Objects.requireNonNull(made.interval, "a loop needs an interval").toNanos();
    this.wanted = made.wanted;
    this.pauses = made.pauses;
    this.consequence = made.consequence;
    this.preparation = made.preparation;
    this.step = step;
    this.lastly = made.lastly;
    this.succeeding = rounds(made.loops.meters(), "succeeded");
    this.failing = rounds(made.loops.meters(), "failed");
  }

  private Timer rounds(MeterRegistry meters, String outcome) {
    return Timer.builder("aiopslab.loop.rounds")
        .description("Rounds of what the service repeats by itself, and how long they took")
        .tag("loop", name)
        .tag("outcome", outcome)
        .register(meters);
  }

  /** How a loop behaves; the last call makes it. */
  public static final class Builder {
    private final Loops loops;
    private final String name;
    private @Nullable Duration interval;
    private @Nullable BooleanSupplier wanted;
    private IntervalFunction pauses =
        IntervalFunction.ofExponentialRandomBackoff(
            Duration.ofMillis(200), 2, 0.5, Duration.ofSeconds(5));
    private String consequence;
    private Preparation preparation = () -> {};
    private Runnable lastly = () -> {};
    private int phase = DEFAULT_PHASE;

    Builder(Loops loops, String name) {
      this.loops = loops;
      this.name = name;
      this.consequence = "A round of " + name + " failed; the next one comes";
    }

    /** Rests so long between two rounds, unless it is woken or there is more to do. */
    public Builder every(Duration rest) {
      this.interval = rest;
      return this;
    }

    /**
     * Costs nothing while nobody needs it. Whoever comes to need it wakes it, and it begins with a
     * rest; then one round each interval serves all, however many have come meanwhile.
     */
    public Builder onlyWhile(BooleanSupplier somebodyNeedsIt) {
      this.wanted = somebodyNeedsIt;
      return this;
    }

    /** Pauses after failures in a row, doubling from the first to the longest. */
    public Builder pausing(Duration first, Duration longest) {
      this.pauses = IntervalFunction.ofExponentialRandomBackoff(first, 2, 0.5, longest);
      return this;
    }

    /**
     * @param what a failure means and what to do, for the log
     */
    public Builder saying(String what) {
      this.consequence = what;
      return this;
    }

    /** What is awaited before the first round, each time it is started. */
    public Builder after(Preparation awaited) {
      this.preparation = awaited;
      return this;
    }

    /** What is done at its stop, after the last round. */
    public Builder lastly(Runnable end) {
      this.lastly = end;
      return this;
    }

    /**
     * @param lifecyclePhase Spring's: higher ones start later and stop sooner
     */
    public Builder inPhase(int lifecyclePhase) {
      this.phase = lifecyclePhase;
      return this;
    }

    /** Makes the loop; it starts and stops with its service. */
    public Loop run(Runnable step) {
      return repeat(
          () -> {
            step.run();
            return false;
          });
    }

    /** Likewise, of a step that knows whether there is more to do. */
    public Loop repeat(Step step) {
      return loops.add(new Loop(this, step));
    }
  }

  public String name() {
    return name;
  }

  /** Has the next round begin now; not while it pauses after a failure. Never waits. */
  public void wake() {
    if (woken.availablePermits() == 0) {
      woken.release();
    }
  }

  private void runUntilStopped() {
    try {
      while (isMine()) {
        restAfter(round());
      }
    } finally {
      boolean unused = Thread.interrupted();
      finish();
    }
  }

  private enum Round {
    FAILED,
    UNNEEDED,
    DONE,
    MORE
  }

  private Round round() {
    Timer.Sample sample = Timer.start();
    try {
      if (!prepared) {
        preparation.await();
        prepared = true;
      }
      if (wanted != null && !wanted.getAsBoolean()) {
        return Round.UNNEEDED;
      }
      boolean more = step.run();
      sample.stop(succeeding);
      succeeded();
      return more ? Round.MORE : Round.DONE;
    } catch (Throwable e) {
      if (isMine()) {
        sample.stop(failing);
        failed(e);
      }
      return Round.FAILED;
    }
  }

  private void restAfter(Round round) {
    try {
      switch (round) {
        case FAILED -> Thread.sleep(pauses.apply(Math.min(Math.max(1, failures), MOST_DOUBLINGS)));
        case UNNEEDED -> {
          woken.acquire();
          TimeUnit.NANOSECONDS.sleep(intervalNanos);
        }
        case DONE -> {
          if (wanted != null) {
            TimeUnit.NANOSECONDS.sleep(intervalNanos);
          } else {
            boolean unused = woken.tryAcquire(intervalNanos, TimeUnit.NANOSECONDS);
          }
        }
        case MORE -> {}
      }
    } catch (InterruptedException e) {
      // It is stopped, or somebody interrupts a thread that is not his.
    }
  }

  private void succeeded() {
    lastSuccess = System.nanoTime();
    if (failures > 0) {
      log.info("{} goes on after {} failures", name, failures);
      failures = 0;
      lastFailure = null;
    }
  }

  /** The first of a row, and of each kind in it, is worth a line. */
  private void failed(Throwable e) {
    Throwable before = lastFailure;
    int row = failures + 1;
    failures = row;
    lastFailure = e;
    try {
      if (before == null || before.getClass() != e.getClass()) {
        if (Outage.isOne(e)) {
          log.warn("{}: {}", consequence, NestedExceptionUtils.getMostSpecificCause(e).toString());
        } else {
          log.error("{}", consequence, e);
        }
      }
    } catch (RuntimeException | Error whileLogging) {
      // The loop matters more than the line.
    }
  }

  private void finish() {
    try {
      lastly.run();
    } catch (RuntimeException | Error e) {
      log.error("The end of {} failed", name, e);
    } finally {
      whenStopped.run();
    }
  }

  /**
   * @return how many rounds in a row have failed; 0 if the last one did not
   */
  int failures() {
    return failures;
  }

  /**
   * @return what the last round failed of; null if it did not
   */
  @Nullable Throwable lastFailure() {
    return lastFailure;
  }

  /**
   * @return since the end of the last round that did not fail, or since the start
   */
  Duration sinceSuccess() {
    return Duration.ofNanos(System.nanoTime() - lastSuccess);
  }

  private boolean isMine() {
    return thread == Thread.currentThread();
  }

  @Override
  public synchronized void start() {
    lastSuccess = System.nanoTime();
    prepared = false;
    Thread made = Threads.named(name).newThread(this::runUntilStopped);
    thread = made; // before it asks whether it is
    made.start();
  }

  /** Does not wait for the round that goes on, so that all loops end at the same time. */
  @Override
  public synchronized void stop(Runnable callback) {
    Thread running = thread;
    if (running == null) {
      callback.run();
      return;
    }
    whenStopped = callback;
    thread = null;
    running.interrupt();
  }

  @Override
  public void stop() {
    Thread running = thread;
    stop(() -> {});
    if (running != null) {
      try {
        running.join(STOP_LIMIT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }

  @Override
  public int getPhase() {
    return phase;
  }
}

package io.aiopslab.tasks.api.look;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that looks for all who wait, in intervals and only while somebody does. Whoever begins
 * to wait has looked for himself before, so a round costs the same however many begin meanwhile. It
 * goes on whatever a round throws: those who wait have nobody else.
 */
public final class LookRounds {
  private static final Logger log = LoggerFactory.getLogger(LookRounds.class);
  private static final Duration INTERVAL = Duration.ofMillis(50);

  private final String name;
  private final Duration interval;
  private final BooleanSupplier nobodyWaits;
  private final Runnable look;
  private volatile @Nullable Thread thread;

  /**
   * Rounds every 50 ms.
   *
   * @param name of the thread
   * @param look one round
   */
  public LookRounds(String name, BooleanSupplier nobodyWaits, Runnable look) {
    this(name, INTERVAL, nobodyWaits, look);
  }

  /**
   * Likewise, in other intervals.
   *
   * @param interval between two rounds
   */
  public LookRounds(String name, Duration interval, BooleanSupplier nobodyWaits, Runnable look) {
    this.name = name;
    this.interval = interval;
    this.nobodyWaits = nobodyWaits;
    this.look = look;
  }

  /** To be called once somebody is among those who wait. */
  public void begin() {
    LockSupport.unpark(thread);
  }

  private void run() {
    try {
      while (thread == Thread.currentThread()) {
        if (nobodyWaits.getAsBoolean()) {
          LockSupport.park(this);
        } else {
          Thread.sleep(interval.toMillis());
          lookOnce();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookOnce() {
    try {
      look.run();
    } catch (RuntimeException | Error e) {
      log.error("A round of {} failed; the next one comes", name, e);
    }
  }

  public void start() {
    Thread started = new Thread(this::run, name);
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  /** Does not wait for a round that goes on. */
  public void stop() {
    Thread running = thread;
    thread = null;
    LockSupport.unpark(running);
  }

  public boolean isRunning() {
    return thread != null;
  }
}

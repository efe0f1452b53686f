package io.aiopslab.tasks.api.look;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that looks for all who wait, every 50 ms and only while somebody does. Whoever begins to
 * wait has looked for himself before, so a round costs the same however many begin meanwhile.
 */
public final class LookRounds {
  private static final Duration INTERVAL = Duration.ofMillis(50);

  private final String name;
  private final BooleanSupplier nobodyWaits;
  private final Runnable look;
  private volatile @Nullable Thread thread;

  /**
   * @param name of the thread
   * @param look one round; throws nothing
   */
  public LookRounds(String name, BooleanSupplier nobodyWaits, Runnable look) {
    this.name = name;
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
          Thread.sleep(INTERVAL.toMillis());
          look.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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

package io.aiopslab.tasks.worker.slot;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** Tells one slot to take no more work, and wakes it where it waits — never where it works. */
final class StopSignal {
  private final Set<Thread> waiting = new HashSet<>();
  private boolean given;

  /** Something that ends when its thread is interrupted. */
  interface Wait {
    void run() throws InterruptedException;
  }

  synchronized void give() {
    given = true;
    notifyAll();
    waiting.forEach(Thread::interrupt);
  }

  synchronized boolean isGiven() {
    return given;
  }

  /** Waits until the time is over or the signal is given. */
  synchronized void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    long millis = time.toMillis();
    while (!given && millis > 0) {
      wait(millis);
      millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
    }
  }

  /** Runs a wait that the signal interrupts; the thread's interrupted status is clear after it. */
  void interrupting(Wait wait) {
    if (!enter()) {
      return;
    }
    try {
      wait.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the signal, which the caller looks at anyway
    } finally {
      leave();
    }
  }

  private synchronized boolean enter() {
    if (!given) {
      waiting.add(Thread.currentThread());
    }
    return !given;
  }

  private synchronized void leave() {
    waiting.remove(Thread.currentThread());
    Thread.interrupted();
  }
}

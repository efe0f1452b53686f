package io.aiopslab.tasks.api.web;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets so many in at once, so many more wait for a while, and turns away the rest at once. */
final class Gate {
  private final Semaphore turns;
  private final Semaphore places;
  private final long longestNanos;

  Gate(int concurrent, int queue, Duration longest) {
    this.turns = new Semaphore(concurrent, true);
    this.places = new Semaphore(concurrent + queue);
    this.longestNanos = longest.toNanos();
  }

  /**
   * @return whether there is a place in the queue for the caller, who then has to {@link #giveBack}
   *     it
   */
  boolean takePlace() {
    return places.tryAcquire();
  }

  void giveBack() {
    places.release();
  }

  /**
   * To be called with a place.
   *
   * @return whether it is the caller's turn, who then has to {@link #leave}
   */
  boolean enter() {
    try {
      return turns.tryAcquire(longestNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  void leave() {
    turns.release();
  }
}

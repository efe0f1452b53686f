package io.aiopslab.tasks.api.trajectories;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * How one client takes its answer. Whoever writes to it has one of the turns, and gives that up
 * while it waits for the client: so slow clients keep no turn from others.
 */
final class ClientPace {
  /** A client that was waited for so long may be left, when others have no place otherwise. */
  private static final Duration SLOW = Duration.ofSeconds(5);

  private final Semaphore turns;
  private final Duration longest;
  private final long end;
  private long waited;
  private long waitingSince;
  private boolean waiting;
  private volatile boolean left;

  /**
   * @param longest how long the client has for its answer
   */
  ClientPace(Semaphore turns, Duration longest) {
    this.turns = turns;
    this.longest = longest;
    this.end = System.nanoTime() + longest.toNanos();
  }

  void takeTurn() {
    turns.acquireUninterruptibly();
  }

  void giveUpTurn() {
    turns.release();
  }

  /**
   * @throws IOException if the client's time is over, or its place is needed for others
   */
  void check() throws IOException {
    if (left) {
      throw new IOException("the client is too slow while others wait");
    }
    if (System.nanoTime() - end > 0) {
      throw new IOException("the client has not taken its answer within " + longest);
    }
  }

  /** To be ended at its next {@link #check}. */
  void leave() {
    left = true;
  }

  boolean isLeft() {
    return left;
  }

  boolean isSlow() {
    return waitedNanos() >= SLOW.toNanos();
  }

  /** For how long in all the client has been waited for. */
  synchronized long waitedNanos() {
    return waiting ? waited + System.nanoTime() - waitingSince : waited;
  }

  private synchronized void waits(boolean now) {
    long time = System.nanoTime();
    if (waiting) {
      waited += time - waitingSince;
    }
    waiting = now;
    waitingSince = time;
  }

  /** The way to the client, for whoever has a turn. */
  OutputStream to(OutputStream client) {
    return new FilterOutputStream(client) {
      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        check();
        withoutTurn(() -> out.write(bytes, offset, length));
      }

      @Override
      public void flush() throws IOException {
        withoutTurn(out::flush);
      }
    };
  }

  private interface Writing {
    void run() throws IOException;
  }

  private void withoutTurn(Writing writing) throws IOException {
    waits(true);
    giveUpTurn();
    try {
      writing.run();
    } finally {
      waits(false);
      takeTurn();
    }
  }
}

package io.aiopslab.tasks.api.trajectory;

import java.io.IOException;
import java.time.Duration;

/** For a client that takes its answer so slowly that it would hold a writer for ever. */
final class TimeLeft {
  private final Duration longest;
  private final long end;

  TimeLeft(Duration longest) {
    this.longest = longest;
    this.end = System.nanoTime() + longest.toNanos();
  }

  /**
   * @throws IOException if the time is over
   */
  void check() throws IOException {
    if (System.nanoTime() - end > 0) {
      throw new IOException("the client has not taken its answer within " + longest);
    }
  }
}

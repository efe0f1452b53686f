package io.aiopslab.tasks.standalone;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Supplier;

/** Tells a person at the console how the start goes, a line a part. */
final class StartUp {
  private final PrintStream out;

  StartUp(PrintStream out) {
    this.out = out;
  }

  /** Does one part of the start; {@code what} is printed when it is ready. */
  <T> T part(String what, Supplier<T> start) {
    long begin = System.nanoTime();
    T started = start.get();
    double seconds = (System.nanoTime() - begin) / 1e9;
    synchronized (out) {
      out.printf(Locale.ROOT, "  ready  %-48s %5.1f s%n", what, seconds);
    }
    return started;
  }
}

package io.aiopslab.tasks.worker.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Where the first reason to end a run is waited for; later ones change nothing. */
final class RunEnd {
  private final CompletableFuture<EndCause> cause = new CompletableFuture<>();
  private volatile boolean decided;

  void because(EndCause reason) {
    cause.complete(reason);
  }

  /** The runner has said how the run went: a cancel comes too late. */
  void decided() {
    decided = true;
  }

  /**
   * @return whether the run ends because of this
   */
  boolean cancel() {
    return !decided && cause.complete(EndCause.CANCELLED);
  }

  /**
   * @param nanos what is left until the deadline
   */
  EndCause await(long nanos) throws InterruptedException {
    try {
      return cause.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      cause.complete(EndCause.DEADLINE);
      return cause.join();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}

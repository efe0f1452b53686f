package io.aiopslab.tasks.worker.slot;

import io.aiopslab.tasks.worker.cluster.ClusterKeeper;
import io.aiopslab.tasks.worker.cluster.ClusterUnusableException;
import io.aiopslab.tasks.worker.run.Aftermath;
import io.aiopslab.tasks.worker.run.RunPlace;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a slot take work only while its cluster is fit, and tries until it is. */
final class ClusterGate {
  private static final Logger log = LoggerFactory.getLogger(ClusterGate.class);
  private static final IntervalFunction BACKOFF =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(500), 2, 0.3, Duration.ofSeconds(30));

  private final Slot slot;
  private final @Nullable ClusterKeeper keeper;
  private final StopSignal stop;
  private RunPlace place;
  private boolean open;
  private int failures;

  /**
   * @param keeper null where the worker does not manage the slot's cluster
   */
  ClusterGate(Slot slot, @Nullable ClusterKeeper keeper, StopSignal stop) {
    this.slot = slot;
    this.keeper = keeper;
    this.stop = stop;
    this.place = RunPlace.unmanaged(slot.cluster());
  }

  /** Whether work can be taken; if not, it has waited for the next try. */
  boolean opens() throws InterruptedException {
    ClusterKeeper keeping = keeper;
    if (keeping == null) {
      return true;
    }
    open = false;
    stop.interrupting(() -> prepare(keeping));
    if (!open && failures > 0) {
      stop.pause(Duration.ofMillis(BACKOFF.apply(Math.min(failures, 10))));
    }
    return open;
  }

  private void prepare(ClusterKeeper keeping) throws InterruptedException {
    try {
      place = keeping.prepare(this::progress);
      open = true;
      leaveQuarantine();
    } catch (ClusterUnusableException e) {
      enterQuarantine(e.sentence());
    }
  }

  private void progress(String sentence) {
    if (slot.quarantine() == null) {
      log.info("Slot {} takes no work meanwhile: {}", slot.cluster().name(), sentence);
    }
    slot.quarantine(sentence);
  }

  private void enterQuarantine(String reason) {
    failures++;
    slot.quarantine(reason);
    if (failures == 1) {
      log.warn("Slot {} takes no work: {}", slot.cluster().name(), reason);
    }
  }

  private void leaveQuarantine() {
    failures = 0;
    if (slot.quarantine() != null) {
      slot.idle();
      log.info("Slot {} takes work again", slot.cluster().name());
    }
  }

  /** The one that was found fit before the claim. */
  RunPlace place() {
    return place;
  }

  /** A run is about to start at the place. */
  void entering(UUID task) throws InterruptedException {
    if (keeper != null) {
      keeper.entering("task " + task);
    }
  }

  /** A run has been at the place. */
  void used(Aftermath aftermath) {
    if (keeper != null) {
      keeper.used(aftermath);
    }
  }
}

package io.aiopslab.tasks.worker.slot;

import io.aiopslab.tasks.trace.LogKeys;
import io.aiopslab.tasks.worker.report.SpoolFullException;
import io.aiopslab.tasks.worker.run.Aftermath;
import io.aiopslab.tasks.worker.run.Claim;
import io.aiopslab.tasks.worker.run.RunTask;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The life of one slot: check the cluster, wait, claim, run, next. */
final class SlotLoop implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(SlotLoop.class);
  private static final IntervalFunction BACKOFF =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(250), 2, 0.3, Duration.ofSeconds(10));

  private static final Duration HELD_PAUSE = Duration.ofMillis(200);

  private final Slot slot;
  private final ClusterGate gate;
  private final TicketWait tickets;
  private final Claiming claiming;
  private final RunTask runTask;
  private final RunTraces traces;
  private final StopSignal stop;
  private final Duration pollInterval;
  private Duration nextWait = Duration.ZERO;
  private int failures;
  private boolean full;

  SlotLoop(
      Slot slot,
      ClusterGate gate,
      TicketWait tickets,
      Claiming claiming,
      RunTask runTask,
      RunTraces traces,
      StopSignal stop,
      Duration pollInterval) {
    this.slot = slot;
    this.gate = gate;
    this.tickets = tickets;
    this.claiming = claiming;
    this.runTask = runTask;
    this.traces = traces;
    this.stop = stop;
    this.pollInterval = pollInterval;
  }

  @Override
  public void run() {
    slot.idle();
    try (var named = MDC.putCloseable(LogKeys.WORKER, slot.cluster().name())) {
      while (takesWork()) {
        goOn();
      }
    } finally {
      slot.ended();
    }
  }

  /** Nobody interrupts a slot but to wake it for its end. */
  private void goOn() {
    try {
      runOnce();
    } catch (InterruptedException e) {
      if (!stop.isGiven()) {
        log.error("Slot {} was interrupted and goes on", slot.cluster().name(), e);
      }
    }
  }

  private boolean takesWork() {
    return !stop.isGiven() && !slot.isTakenOver();
  }

  /**
   * Waits, claims, and runs what was claimed; lives on whatever happens. A claim of which nobody
   * knows whether it was committed is looked after even if the cluster is not fit.
   */
  void runOnce() throws InterruptedException {
    try {
      boolean unknown = claiming.isUnknown();
      boolean held = !unknown && slot.isHeld();
      slot.rest(held);
      if (held) {
        stop.pause(HELD_PAUSE);
        nextWait = Duration.ZERO;
        return;
      }
      if (!unknown && !gate.opens()) {
        return;
      }
      tickets.await(nextWait);
      Optional<Claim> claim = takesWork() && !unknown ? claiming.claim() : claiming.resolve();
      nextWait = claim.isPresent() || unknown ? Duration.ZERO : pollInterval;
      if (claim.isPresent()) {
        work(claim.get());
      }
      failures = 0;
      if (full) {
        full = false;
        slot.idle();
      }
    } catch (SpoolFullException e) {
      full = true;
      slot.quarantine(String.valueOf(e.getMessage()));
      nextWait = Duration.ZERO;
      failures++;
      stop.pause(Duration.ofMillis(BACKOFF.apply(Math.min(failures, 10))));
    } catch (RuntimeException | Error e) {
      backOff(e);
    }
  }

  private void work(Claim claim) throws InterruptedException {
    slot.busy(claim.task().id());
    Aftermath aftermath = Aftermath.UNKNOWN;
    try (var traced = traces.enter(claim)) {
      log.info("Running task {} in session {}", claim.task().id(), claim.run().sessionId());
      gate.entering(claim.task().id());
      aftermath = runTask.run(gate.place(), claim);
    } finally {
      gate.used(aftermath);
      slot.idle();
    }
  }

  private void backOff(Throwable e) throws InterruptedException {
    failures++;
    if (failures == 1) {
      log.warn("Slot {} goes on after a failure", slot.cluster().name(), e);
    }
    nextWait = Duration.ZERO;
    stop.pause(Duration.ofMillis(BACKOFF.apply(Math.min(failures, 10))));
  }
}

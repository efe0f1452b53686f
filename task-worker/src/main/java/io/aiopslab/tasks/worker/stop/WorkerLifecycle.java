package io.aiopslab.tasks.worker.stop;

import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.store.SchemaGate;
import io.aiopslab.tasks.worker.register.Heartbeat;
import io.aiopslab.tasks.worker.register.Registration;
import io.aiopslab.tasks.worker.report.AbandonedRuns;
import io.aiopslab.tasks.worker.report.EventSpool;
import io.aiopslab.tasks.worker.report.SpoolFullException;
import io.aiopslab.tasks.worker.run.ActiveRuns;
import io.aiopslab.tasks.worker.run.LeftoverProcesses;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.aiopslab.tasks.worker.slot.SlotThreads;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Start: wait for the schema, register, end what a killed process left, take work. Stop: take no
 * more, let runs end within their grace, end the others, sign off.
 */
@Component
class WorkerLifecycle implements SmartLifecycle {
  /** Above the web server, so that health can be asked while runs end. */
  static final int PHASE = Integer.MAX_VALUE - 100;

  private static final Logger log = LoggerFactory.getLogger(WorkerLifecycle.class);

  private final SchemaGate schema;
  private final Registration registration;
  private final Heartbeat heartbeat;
  private final SlotThreads slots;
  private final ActiveRuns runs;
  private final AbandonedRuns abandoned;
  private final LeftoverProcesses leftovers;
  private final EventSpool spool;
  private final WorkerSettings settings;
  private @Nullable Thread starting;
  private boolean registered;

  WorkerLifecycle(
      SchemaGate schema,
      Registration registration,
      Heartbeat heartbeat,
      SlotThreads slots,
      ActiveRuns runs,
      AbandonedRuns abandoned,
      LeftoverProcesses leftovers,
      EventSpool spool,
      WorkerSettings settings,
      @Value("${spring.lifecycle.timeout-per-shutdown-phase}") Duration phaseTimeout) {
    this.schema = schema;
    this.registration = registration;
    this.heartbeat = heartbeat;
    this.slots = slots;
    this.runs = runs;
    this.abandoned = abandoned;
    this.leftovers = leftovers;
    this.spool = spool;
    this.settings = settings;
    Duration needed = max(settings.longestStop(), settings.flushTimeout().plusSeconds(2));
    if (phaseTimeout.compareTo(needed) < 0) {
      throw new IllegalArgumentException(
          "spring.lifecycle.timeout-per-shutdown-phase is %s, but a stop can take %s; raise it, or lower aiopslab.worker.shutdown-grace, kill-grace, kind.check-timeout or flush-timeout"
              .formatted(phaseTimeout, needed));
    }
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  @Override
  public synchronized void start() {
    starting = Threads.start("worker-start", this::startWhenTheSchemaIsThere);
  }

  private void startWhenTheSchemaIsThere() {
    try {
      schema.await();
      register();
      takeWork();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void register() throws InterruptedException {
    while (true) {
      try {
        registration.register();
        abandoned.end();
        leftovers.end(spool.sessionsLeftBehind());
        return;
      } catch (DataAccessException | SpoolFullException | IOException e) {
        log.warn("Cannot register and end what is left over; trying again: {}", e.getMessage());
        Thread.sleep(1000);
      } catch (RuntimeException | Error e) {
        log.error("Cannot register and end what is left over; trying again", e);
        Thread.sleep(1000);
      }
    }
  }

  private synchronized void takeWork() {
    if (starting != null) {
      registered = true;
      heartbeat.begin();
      slots.start();
    }
  }

  @Override
  public void stop() {
    try {
      slots.stopTakingWork();
      endStarting();
      if (!slots.awaitEnd(settings.shutdownGrace())) {
        log.info("Ending the runs that are not over after {}", settings.shutdownGrace());
        runs.endAll();
        slots.awaitEnd(settings.longestEnd());
      }
      signOff();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void endStarting() {
    if (starting != null) {
      starting.interrupt();
      starting = null;
    }
  }

  private synchronized void signOff() {
    heartbeat.end();
    if (registered) {
      registration.signOff();
      registered = false;
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return starting != null || registered;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}

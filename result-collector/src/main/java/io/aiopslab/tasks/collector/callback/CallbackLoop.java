package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.store.SchemaGate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Delivers from the moment the schema is there; stops with its last attempts recorded. */
@Component
final class CallbackLoop implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(CallbackLoop.class);

  private final SchemaGate schema;
  private final DeliverCallbacks deliver;
  private final CallbackMetrics metrics;
  private final CallbackSettings settings;
  private volatile @Nullable Thread running;

  CallbackLoop(
      SchemaGate schema,
      DeliverCallbacks deliver,
      CallbackMetrics metrics,
      CallbackSettings settings) {
    this.schema = schema;
    this.deliver = deliver;
    this.metrics = metrics;
    this.settings = settings;
  }

  @Override
  public synchronized void start() {
    Thread thread = new Thread(this::run, "callbacks");
    thread.setDaemon(true);
    running = thread;
    thread.start();
  }

  private void run() {
    try {
      schema.await();
      boolean failing = false;
      while (running == Thread.currentThread()) {
        failing = !runOnce(failing);
        deliver.awaitRoom(settings.pollInterval());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param failing whether it failed the last time, and somebody has been told
   * @return whether it went well
   */
  private boolean runOnce(boolean failing) {
    try {
      deliver.runOnce();
      metrics.countPending();
      return true;
    } catch (RuntimeException | Error e) {
      if (!failing) {
        log.warn(
            "Cannot look for callbacks now, trying again every {}: {}",
            settings.pollInterval(),
            e.toString());
      }
      return false;
    }
  }

  @Override
  public synchronized void stop() {
    Thread thread = running;
    running = null;
    if (thread == null) {
      return;
    }
    thread.interrupt();
    try {
      thread.join();
      deliver.awaitQuiet(settings.deadline().multipliedBy(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return running != null;
  }
}

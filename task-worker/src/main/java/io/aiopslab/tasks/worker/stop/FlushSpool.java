package io.aiopslab.tasks.worker.stop;

import io.aiopslab.tasks.worker.report.SpoolSender;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Waits at the stop, after the slots and before the sender ends, for what they said last. */
@Component
class FlushSpool implements SmartLifecycle {
  private final SpoolSender sender;
  private final WorkerSettings settings;
  private boolean running;

  FlushSpool(SpoolSender sender, WorkerSettings settings) {
    this.sender = sender;
    this.settings = settings;
  }

  @Override
  public synchronized void start() {
    running = true;
  }

  @Override
  public synchronized void stop() {
    running = false;
    try {
      sender.flush(settings.flushTimeout());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return SpoolSender.PHASE + 1;
  }
}

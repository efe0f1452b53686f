package io.aiopslab.tasks.worker.stop;

import io.aiopslab.tasks.worker.report.SpoolSender;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The sender starts before the slots and stops after them, with what they said last. */
@Component
class SenderLifecycle implements SmartLifecycle {
  static final int PHASE = WorkerLifecycle.PHASE - 1;

  private final SpoolSender sender;
  private final WorkerSettings settings;
  private @Nullable Thread thread;

  SenderLifecycle(SpoolSender sender, WorkerSettings settings) {
    this.sender = sender;
    this.settings = settings;
  }

  @Override
  public synchronized void start() {
    Thread started = new Thread(sender::sendForever, "spool-sender");
    started.setDaemon(true); // a broker that blocks it must not keep the process
    started.start();
    thread = started;
  }

  @Override
  public synchronized void stop() {
    Thread running = thread;
    thread = null;
    if (running == null) {
      return;
    }
    try {
      sender.flush(settings.flushTimeout());
      running.interrupt();
      running.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return thread != null;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}

package io.aiopslab.tasks.worker.stop;

import io.aiopslab.tasks.worker.report.ReleaseStored;
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
  private final ReleaseStored release;
  private final WorkerSettings settings;
  private @Nullable Thread thread;
  private @Nullable Thread releasing;

  SenderLifecycle(SpoolSender sender, ReleaseStored release, WorkerSettings settings) {
    this.sender = sender;
    this.release = release;
    this.settings = settings;
  }

  @Override
  public synchronized void start() {
    thread = started("spool-sender", sender::sendForever);
    releasing = started("spool-release", release::lookForever);
  }

  private static Thread started(String name, Runnable work) {
    Thread started = new Thread(work, name);
    started.setDaemon(true); // a broker that blocks it must not keep the process
    started.start();
    return started;
  }

  @Override
  public synchronized void stop() {
    Thread running = thread;
    Thread looking = releasing;
    thread = null;
    if (running == null || looking == null) {
      return;
    }
    try {
      looking.interrupt();
      looking.join(1000);
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

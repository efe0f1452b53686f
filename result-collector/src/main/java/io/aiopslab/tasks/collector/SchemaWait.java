package io.aiopslab.tasks.collector;

import io.aiopslab.tasks.store.SchemaGate;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Holds back everything that starts later until the schema is there. */
@Component
class SchemaWait implements SmartLifecycle {
  private final SchemaGate gate;
  private volatile boolean passed;

  SchemaWait(SchemaGate gate) {
    this.gate = gate;
  }

  @Override
  public void start() {
    try {
      gate.await();
      passed = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped while waiting for the schema", e);
    }
  }

  @Override
  public void stop() {
    passed = false;
  }

  @Override
  public boolean isRunning() {
    return passed;
  }

  @Override
  public int getPhase() {
    return Integer.MIN_VALUE;
  }
}

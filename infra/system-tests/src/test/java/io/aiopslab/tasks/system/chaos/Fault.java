package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.system.ServiceProcess;

/** What may happen to the system, and how it is healed; returns with everything running again. */
enum Fault {
  WORKER_KILLED(
      stage -> {
        ServiceProcess worker = stage.any(stage.system().workers());
        worker.kill();
        worker.startAgain();
        worker.awaitReady();
      });

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Action action;

  Fault(Action action) {
    this.action = action;
  }

  @FunctionalInterface
  interface Action {
    void on(Stage stage) throws Exception;
  }

  void strike(Stage stage) {
    try {
      action.on(stage);
    } catch (Exception e) {
      throw new IllegalStateException(this + " could not be staged", e);
    }
  }
}

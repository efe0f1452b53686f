package io.aiopslab.tasks.system.chaos;

/** What happens to the system in a round. */
interface Incident {
  String name();

  /** Lets it happen and heals it; returns with everything running again. */
  void strike(Stage stage);

  /** What has to be done for it, with a system in the midst of its work. */
  @FunctionalInterface
  interface Action {
    void on(Stage stage) throws Exception;

    /** Fails with the incident's name. */
    default void strike(Incident incident, Stage stage) {
      try {
        on(stage);
      } catch (Exception e) {
        throw new IllegalStateException(incident + " could not be staged", e);
      }
    }
  }
}

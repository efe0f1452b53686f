package io.aiopslab.tasks.worker.run;

/** What a runner said about how the run went; the first one counts. */
sealed interface LastWord {
  record Result(RunnerMessage.Result result) implements LastWord {}

  record Failure(RunnerMessage.Failed failure) implements LastWord {}

  /**
   * @param sentence what the worker could not understand
   */
  record Malformed(String sentence) implements LastWord {}
}

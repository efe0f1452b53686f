package io.aiopslab.tasks.worker.run;

/** How a process ended, in words. */
record Ending(int exitStatus, String stderrTail) {

  String sentence() {
    return how() + "; " + why();
  }

  String how() {
    return exitStatus > 128
        ? "was ended by signal " + (exitStatus - 128)
        : "ended with exit status " + exitStatus;
  }

  String why() {
    return stderrTail.isEmpty()
        ? "it wrote nothing to standard error, so look at the task's logs"
        : "the end of its standard error: " + stderrTail;
  }
}

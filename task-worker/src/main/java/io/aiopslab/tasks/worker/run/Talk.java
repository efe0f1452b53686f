package io.aiopslab.tasks.worker.run;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Everything that one run's process says, on its way into the report. */
interface Talk {
  /** A line of standard output. */
  void output(OutputLine line);

  /** A line of standard error. */
  void error(OutputLine line);

  /** How the run went, as far as the process has said; null while it has not. */
  @Nullable LastWord lastWord();

  /**
   * Likewise, of a process that has ended by itself.
   *
   * @param directory what it has left behind
   */
  @Nullable LastWord lastWord(int exitStatus, RunDirectory directory);

  /** Agent turns so far. */
  int turns();

  /** Numbers by name, the latest of each. */
  Map<String, Double> metrics();

  /** What the environment itself can prove about the run; null where it said nothing. */
  @Nullable ObjectNode attestation();

  /** What the run may have left in its cluster; of a process that is gone. */
  Aftermath aftermath(int exitStatus);

  /** The last lines of standard error. */
  String stderrTail();
}

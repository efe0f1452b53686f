package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.worker.report.RunReport;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a command prints is its log; its exit status and its result file say how the run went. */
final class CommandTalk implements Talk {
  /** What supervise.py says, and ends with, when there is nothing to supervise. */
  private static final String CANNOT_START = "supervise: cannot start ";

  private static final int NOT_STARTED = 127;
  private static final int SIGNALLED = 128;

  private final RunReport report;
  private final RawLog log;
  private final Clock clock;
  private final Map<String, Double> metrics = new HashMap<>();

  CommandTalk(RunReport report, RawLog log, Clock clock) {
    this.report = report;
    this.log = log;
    this.clock = clock;
  }

  @Override
  public void output(OutputLine line) {
    log.output(line);
  }

  @Override
  public void error(OutputLine line) {
    log.error(line);
  }

  @Override
  public @Nullable LastWord lastWord() {
    return null;
  }

  @Override
  public LastWord lastWord(int exitStatus, RunDirectory directory) {
    if (exitStatus == 0) {
      return result(directory);
    }
    if (exitStatus == NOT_STARTED && stderrTail().contains(CANNOT_START)) {
      return failure(
          FailureCode.RUNNER_CRASHED,
          "the command could not be started (%s); correct the key command of the worker's cluster,"
                  .formatted(stderrTail())
              + " then retry the task");
    }
    return failure(
        FailureCode.AGENT_ERROR, "the command " + new Ending(exitStatus, stderrTail()).sentence());
  }

  private LastWord result(RunDirectory directory) {
    try {
      ResultFile.Content content = ResultFile.read(directory, clock);
      synchronized (metrics) {
        metrics.putAll(content.metrics());
      }
      ObjectNode ofAiopslab = content.aiopslabResult();
      if (ofAiopslab != null) {
        report.say(new RunEventBody.AiopslabResult(ofAiopslab));
      }
      return new LastWord.Result(content.result());
    } catch (MalformedMessageException e) {
      return failure(
          FailureCode.RUNNER_PROTOCOL_ERROR,
          e.getMessage() + "; correct what the command writes to AIOPSLAB_RESULT_FILE");
    }
  }

  private static LastWord failure(FailureCode code, String sentence) {
    return new LastWord.Failure(new RunnerMessage.Failed(code, sentence, null));
  }

  @Override
  public int turns() {
    return 0;
  }

  @Override
  public Map<String, Double> metrics() {
    synchronized (metrics) {
      return Map.copyOf(metrics);
    }
  }

  @Override
  public @Nullable ObjectNode attestation() {
    return null;
  }

  /** A command says nothing of its fault; one that was killed has not even had its own end. */
  @Override
  public Aftermath aftermath(int exitStatus) {
    return exitStatus > SIGNALLED ? Aftermath.UNKNOWN : Aftermath.NONE;
  }

  @Override
  public String stderrTail() {
    return log.stderrTail();
  }
}

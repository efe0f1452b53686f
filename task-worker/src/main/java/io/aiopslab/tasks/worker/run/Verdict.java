package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** How a run went: from what the runner said, and else from how its process ended. */
final class Verdict {
  private final String environment;
  private final Talk talk;
  private @Nullable ObjectNode byWorker;

  Verdict(String environment, Talk talk) {
    this.environment = environment;
    this.talk = talk;
  }

  /**
   * @param byWorker what the worker attests; null where it cannot
   */
  void attest(@Nullable ObjectNode byWorker) {
    this.byWorker = byWorker;
  }

  /**
   * @param word what the runner said before it was ended
   */
  Finished on(
      @Nullable LastWord word, EndCause cause, int exitStatus, Duration timeout, long logLines) {
    if (word instanceof LastWord.Result said) {
      return completed(said.result(), logLines);
    }
    if (word instanceof LastWord.Failure said) {
      return failed(said.failure().code(), withSentence(said.failure().message()), logLines);
    }
    if (word instanceof LastWord.Malformed said) {
      return failed(
          FailureCode.RUNNER_PROTOCOL_ERROR,
          said.sentence() + "; use a runner that fits this worker's version",
          logLines);
    }
    return switch (cause) {
      case DEADLINE ->
          failed(
              FailureCode.TIMEOUT,
              "the run did not end within "
                  + words(timeout)
                  + " and was stopped; raise timeout_minutes or lower max_steps",
              logLines);
      case CANCELLED ->
          new Finished(TaskStatus.CANCELLED, null, null, unfinished("cancelled", logLines));
      case IDLE ->
          failed(
              FailureCode.IDLE_TIMEOUT,
              "no action came for longer than idle_timeout_seconds, so the session was closed and its"
                  + " cluster freed; open a new one, and end it with DELETE when it is not needed",
              logLines);
      case LOST ->
          failed(
              FailureCode.WORKER_LOST,
              "the task was ended while this worker was out of contact; submit the task again",
              logLines);
      case WORKER_SHUTDOWN ->
          failed(
              FailureCode.WORKER_SHUTDOWN,
              "the worker was stopped before the run came to its end; retry the task",
              logLines);
      case EXITED, LINGERED, PROTOCOL_ERROR ->
          failed(FailureCode.RUNNER_CRASHED, crash(exitStatus), logLines);
      case INTERNAL ->
          failed(
              FailureCode.INTERNAL,
              "the worker could not keep the run's output; look into the worker's log, then retry"
                  + " the task",
              logLines);
    };
  }

  Finished failed(FailureCode code, String details, long logLines) {
    return new Finished(TaskStatus.FAILED, code, details, unfinished(null, logLines));
  }

  private TaskResult unfinished(@Nullable String stopReason, long logLines) {
    return new TaskResult(
        environment,
        null,
        null,
        Map.of(),
        talk.metrics(),
        null,
        attestation(),
        stopReason,
        talk.turns(),
        logLines);
  }

  private Finished completed(RunnerMessage.Result result, long logLines) {
    Integer steps = result.steps();
    String reported = result.environment();
    return new Finished(
        TaskStatus.COMPLETED,
        null,
        null,
        new TaskResult(
            reported == null ? environment : reported,
            result.success(),
            result.reward(),
            result.rewardComponents(),
            talk.metrics(),
            result.results(),
            attestation(),
            result.stopReason(),
            steps == null ? talk.turns() : steps,
            logLines));
  }

  /** The runner's members, then the worker's. */
  private @Nullable ObjectNode attestation() {
    ObjectNode byRunner = talk.attestation();
    if (byRunner == null) {
      return byWorker;
    }
    return byWorker == null ? byRunner : byRunner.deepCopy().setAll(byWorker);
  }

  private String crash(int exitStatus) {
    Ending ending = new Ending(exitStatus, talk.stderrTail());
    return "the runner %s without saying how the run went; %s"
        .formatted(ending.how(), ending.why());
  }

  private static String withSentence(String message) {
    return message.isBlank() ? "the runner gave no reason; look at the task's logs" : message;
  }

  private static String words(Duration timeout) {
    return timeout.toSeconds() % 60 == 0
        ? timeout.toMinutes() + " minutes"
        : timeout.toMillis() / 1000.0 + " seconds";
  }
}

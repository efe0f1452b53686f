package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.workers.RunReporter.Accepted;
import io.aiopslab.tasks.api.workers.RunReporter.RunId;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.store.RemoteReports.Counts;
import io.aiopslab.tasks.store.RunStandings.Standing;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** How a run ended: the first end that is stored counts. */
@RestController
@Tag(name = "http workers")
class EndRun {
  private static final String RUN = "/api/v1/workers/{id}/tasks/{task_id}";
  private static final String AGAIN =
      " Send all logs and steps before it. Safe to repeat, to be repeated on 503. A session that the"
          + " task does not belong to any more gets 409 session_lost.";

  private final RunReporter reporter;

  EndRun(RunReporter reporter) {
    this.reporter = reporter;
  }

  @Operation(
      summary = "Report that a run came to its end",
      description = "The task becomes completed." + AGAIN)
  @ApiResponse(responseCode = "200", description = "Safe; the task ends as soon as it is stored")
  @ApiResponse(responseCode = "409", description = "session_lost: nothing was changed")
  @PostMapping(path = RUN + "/complete", produces = MediaType.APPLICATION_JSON_VALUE)
  DeferredResult<Accepted> complete(
      @PathVariable("id") String id,
      @PathVariable("task_id") UUID taskId,
      @RequestBody EndRequest.Complete body) {
    RunId run = new RunId(FindWorker.known(id), taskId, body.sessionId());
    Standing standing = reporter.standing(run);
    Announced said = announced(run, body.steps(), body.logLines());
    TaskResult result = body.toResult(said.turns(), said.logLines());
    Finished end = new Finished(TaskStatus.COMPLETED, null, null, result);
    return reporter.end(run, standing, end.afterTrajectoryEvents(said.messages()));
  }

  @Operation(
      summary = "Report that a run failed",
      description = "The task becomes failed, without a reward." + AGAIN)
  @ApiResponse(responseCode = "200", description = "Safe; the task ends as soon as it is stored")
  @ApiResponse(responseCode = "409", description = "session_lost: nothing was changed")
  @PostMapping(path = RUN + "/fail", produces = MediaType.APPLICATION_JSON_VALUE)
  DeferredResult<Accepted> fail(
      @PathVariable("id") String id,
      @PathVariable("task_id") UUID taskId,
      @RequestBody EndRequest.Fail body) {
    RunId run = new RunId(FindWorker.known(id), taskId, body.sessionId());
    Standing standing = reporter.standing(run);
    ReportableFailure failure =
        body.failureCode() == null ? ReportableFailure.AGENT_ERROR : body.failureCode();
    Announced said = announced(run, body.steps(), body.logLines());
    TaskResult result =
        EndRequest.ungraded(body.metrics(), failure.wire(), said.turns(), said.logLines());
    Finished end = new Finished(TaskStatus.FAILED, failure.code(), body.errorDetails(), result);
    return reporter.end(run, standing, end.afterTrajectoryEvents(said.messages()));
  }

  @Operation(
      summary = "Report that a run was stopped because a cancel was asked for",
      description =
          "The task becomes cancelled. Only after cancel was heard in the answer to a heartbeat or a"
              + " report: otherwise 409 cancel_not_requested."
              + AGAIN)
  @ApiResponse(responseCode = "200", description = "Safe; the task ends as soon as it is stored")
  @ApiResponse(responseCode = "409", description = "session_lost or cancel_not_requested")
  @PostMapping(path = RUN + "/cancelled", produces = MediaType.APPLICATION_JSON_VALUE)
  DeferredResult<Accepted> cancelled(
      @PathVariable("id") String id,
      @PathVariable("task_id") UUID taskId,
      @RequestBody EndRequest.Cancelled body) {
    RunId run = new RunId(FindWorker.known(id), taskId, body.sessionId());
    Standing standing = reporter.standing(run);
    if (standing.status() == TaskStatus.RUNNING && !standing.cancelRequested()) {
      throw Refusal.conflict(
          "cancel_not_requested",
          "Nobody has asked for task %s to be cancelled; end it with …/complete or …/fail."
              .formatted(taskId));
    }
    Announced said = announced(run, body.steps(), body.logLines());
    TaskResult result = EndRequest.ungraded(null, "cancelled", said.turns(), said.logLines());
    Finished end = new Finished(TaskStatus.CANCELLED, null, null, result);
    return reporter.end(run, standing, end.afterTrajectoryEvents(said.messages()));
  }

  /** How much of a run there has to be. */
  private record Announced(int turns, long logLines, int messages) {}

  /**
   * What the worker says, and at least what was taken from it. A turn that it says to have had, and
   * never reported, misses a message or more.
   */
  private Announced announced(RunId run, @Nullable Integer turns, @Nullable Long logLines) {
    Counts taken = reporter.reported(run);
    int missing = turns == null ? 0 : Math.max(turns - taken.turns(), 0);
    return new Announced(
        taken.turns() + missing,
        Math.max(taken.logLines(), logLines == null ? 0 : logLines),
        taken.messages() + missing);
  }
}

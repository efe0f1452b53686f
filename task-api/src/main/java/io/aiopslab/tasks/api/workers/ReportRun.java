package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.workers.RunReporter.Accepted;
import io.aiopslab.tasks.api.workers.RunReporter.Numbered;
import io.aiopslab.tasks.api.workers.RunReporter.RunId;
import io.aiopslab.tasks.message.RunEventBody.PhaseEntered;
import io.aiopslab.tasks.message.RunEventBody.StepTaken;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** What a run says while it goes on. */
@RestController
@Tag(name = "http workers")
class ReportRun {
  private static final String RUN = "/api/v1/workers/{id}/tasks/{task_id}";
  private static final String AGAIN =
      " Safe to repeat, to be repeated on 503. A session that the task does not belong to any more"
          + " gets 409 session_lost.";

  private final RunReporter reporter;
  private final InstantSource clock = InstantSource.system();

  ReportRun(RunReporter reporter) {
    this.reporter = reporter;
  }

  @Operation(summary = "Report log lines", description = "Up to 500 lines and 1 MiB." + AGAIN)
  @ApiResponse(responseCode = "200", description = "Safe; visible as soon as it is stored")
  @ApiResponse(responseCode = "409", description = "session_lost: stop the run")
  @PostMapping(path = RUN + "/logs", produces = MediaType.APPLICATION_JSON_VALUE)
  DeferredResult<Accepted> logs(
      @PathVariable("id") String id,
      @PathVariable("task_id") UUID taskId,
      @RequestBody LogsRequest body) {
    return reporter.report(
        new RunId(FindWorker.known(id), taskId, body.sessionId()),
        List.of(new Numbered(EventNumbers.logs(body.firstSeq()), body.toEvent(clock.instant()))));
  }

  @Operation(
      summary = "Report messages of the trajectory",
      description =
          "Up to 100 messages and 4 MiB, so that one step has room for as many tokens as in a run of"
              + " the runner: 350,000 ids, or a third as many with log-probabilities."
              + AGAIN)
  @ApiResponse(responseCode = "200", description = "Safe; visible as soon as it is stored")
  @ApiResponse(responseCode = "409", description = "session_lost: stop the run")
  @PostMapping(path = RUN + "/steps", produces = MediaType.APPLICATION_JSON_VALUE)
  DeferredResult<Accepted> steps(
      @PathVariable("id") String id,
      @PathVariable("task_id") UUID taskId,
      @RequestBody StepsRequest body) {
    Instant now = clock.instant();
    List<Numbered> events =
        body.steps().stream()
            .map(step -> new Numbered(EventNumbers.step(step.index()), taken(step, now)))
            .toList();
    return reporter.report(new RunId(FindWorker.known(id), taskId, body.sessionId()), events);
  }

  private static StepTaken taken(StepsRequest.Message message, Instant now) {
    return new StepTaken(message.toStep(now));
  }

  @Operation(
      summary = "Report the phase of a run",
      description = "setup, running, grading, cleanup." + AGAIN)
  @ApiResponse(responseCode = "200", description = "Safe; visible as soon as it is stored")
  @ApiResponse(responseCode = "409", description = "session_lost: stop the run")
  @PostMapping(path = RUN + "/progress", produces = MediaType.APPLICATION_JSON_VALUE)
  DeferredResult<Accepted> progress(
      @PathVariable("id") String id,
      @PathVariable("task_id") UUID taskId,
      @RequestBody ProgressRequest body) {
    return reporter.report(
        new RunId(FindWorker.known(id), taskId, body.sessionId()),
        List.of(new Numbered(EventNumbers.phase(body.phase()), new PhaseEntered(body.phase()))));
  }
}

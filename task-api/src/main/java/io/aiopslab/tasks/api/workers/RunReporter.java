package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.store.RemoteReports;
import io.aiopslab.tasks.store.RemoteReports.Counts;
import io.aiopslab.tasks.store.RunStandings;
import io.aiopslab.tasks.store.RunStandings.Standing;
import io.aiopslab.tasks.store.UnheardClaims;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.TraceParent;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Makes a worker's report the events that a spool would send, and answers when the broker has them.
 * The collector stores them and decides; what a stale session says is sent all the same, so that it
 * is kept as evidence, and then refused.
 */
@Component
class RunReporter {
  private static final Logger log = LoggerFactory.getLogger(RunReporter.class);

  private final RunStandings standings;
  private final RemoteReports reports;
  private final UnheardClaims unheard;
  private final Workers workers;
  private final EventRelay relay;
  private final InstantSource clock = InstantSource.system();

  RunReporter(
      RunStandings standings,
      RemoteReports reports,
      UnheardClaims unheard,
      Workers workers,
      EventRelay relay) {
    this.standings = standings;
    this.reports = reports;
    this.unheard = unheard;
    this.workers = workers;
    this.relay = relay;
  }

  /** Whose run it is, by its path and body. */
  record RunId(String workerId, UUID taskId, UUID sessionId) {}

  /** An event with its number. */
  record Numbered(long seq, RunEventBody body) {}

  @Schema(name = "ReportAnswer")
  record Accepted(
      UUID taskId,
      UUID sessionId,
      @Schema(description = "Events that are safe at the broker and will be stored", example = "1")
          int accepted,
      @Schema(description = "Somebody wants the run to end: stop it and answer with …/cancelled")
          boolean cancel) {}

  /** Not worth waiting for: the next report shows that the run goes on. */
  void started(String workerId, UUID taskId, UUID sessionId, @Nullable TraceParent trace) {
    RunId run = new RunId(workerId, taskId, sessionId);
    var unused =
        relay
            .send(
                List.of(event(run, new Numbered(EventNumbers.STARTED, new RunEventBody.Started()))),
                trace)
            .exceptionally(
                e -> {
                  log.debug("The start of task {} was not reported", taskId, e);
                  return null;
                });
  }

  /**
   * The first report of a run settles that its task stays with it; one that comes too late for that
   * sees a task that waits again.
   *
   * @throws Refusal if there is no such task
   */
  Standing standing(RunId run) {
    Standing standing = look(run);
    boolean first = standing.isUnheard() && standing.isHeldBy(run.sessionId(), run.workerId());
    return first && !unheard.hear(run.sessionId()) ? look(run) : standing;
  }

  private Standing look(RunId run) {
    return standings
        .find(run.taskId())
        .orElseThrow(
            () ->
                Refusal.notFound(
                    "task_not_found",
                    "There is no task %s; report on tasks that POST …/claim has given."
                        .formatted(run.taskId())));
  }

  DeferredResult<Accepted> report(RunId run, List<Numbered> events) {
    Standing standing = standing(run);
    boolean held = standing.isHeldBy(run.sessionId(), run.workerId());
    Counts counts =
        events.stream().map(event -> counts(event.body())).reduce(Counts.NONE, Counts::and);
    if (held && !counts.equals(Counts.NONE)) {
      reports.note(run.taskId(), run.sessionId(), counts);
    }
    return send(run, standing, events, held);
  }

  private static Counts counts(RunEventBody body) {
    if (body instanceof RunEventBody.Logged logged) {
      return new Counts(logged.firstSeq() + logged.lines().size(), 0, 0);
    }
    return body instanceof RunEventBody.StepTaken taken
        ? new Counts(0, taken.step().index() + 1, taken.step().turn() + 1)
        : Counts.NONE;
  }

  /** What the run has reported until now, to whichever instance. */
  Counts reported(RunId run) {
    return reports.find(run.sessionId());
  }

  /** An end is accepted once; the same end again is a repeat, another is refused. */
  DeferredResult<Accepted> end(RunId run, Standing standing, RunEventBody.Finished end) {
    long seq = EventNumbers.end(end.status());
    Long reported = standing.reportedSeq();
    boolean held =
        standing.isHeldBy(run.sessionId(), run.workerId()) && (reported == null || reported == seq);
    return send(run, standing, List.of(new Numbered(seq, end)), held);
  }

  private DeferredResult<Accepted> send(
      RunId run, Standing standing, List<Numbered> events, boolean held) {
    if (held) {
      workers.hear(Map.of(run.taskId(), run.sessionId()));
    }
    DeferredResult<Accepted> answer = new DeferredResult<>(0L); // the relay keeps the time
    List<RunEvent> all = events.stream().map(numbered -> event(run, numbered)).toList();
    var unused =
        relay
            .send(all, standing.trace())
            .whenComplete(
                (nothing, failure) -> {
                  if (failure != null) {
                    answer.setErrorResult(unavailable());
                  } else if (!held) {
                    answer.setErrorResult(lost(run, standing));
                  } else {
                    boolean cancel =
                        standing.cancelRequested() && standing.status() == TaskStatus.RUNNING;
                    answer.setResult(
                        new Accepted(run.taskId(), run.sessionId(), all.size(), cancel));
                  }
                });
    return answer;
  }

  private RunEvent event(RunId run, Numbered numbered) {
    return new RunEvent(
        RunEvent.VERSION,
        run.taskId(),
        run.sessionId(),
        run.workerId(),
        numbered.seq(),
        clock.instant(),
        numbered.body());
  }

  private static Refusal lost(RunId run, Standing standing) {
    return Refusal.conflict(
        "session_lost",
        "Task %s is %s and not this session's to report on; stop the run and claim another task. What was sent is kept as evidence."
            .formatted(run.taskId(), standing.status().wire()));
  }

  private static Refusal unavailable() {
    return Refusal.unavailable(
        "broker_unavailable",
        "The broker has not taken the report; send the same one again after the seconds in Retry-After.");
  }
}

package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.relay.RemoveStaleTickets;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.web.WaitTime;
import io.aiopslab.tasks.store.RemoteClaims;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.trace.TaskTraces;
import io.micrometer.tracing.Span;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** pending → running, for a worker that speaks HTTP. */
@RestController
@Tag(name = "http workers")
class ClaimTask {
  private final RemoteClaims claims;
  private final WaitForWork waits;
  private final RunReporter reporter;
  private final RemoveStaleTickets tickets;
  private final FindWorker workers;
  private final TaskTraces traces;
  private final ClaimMetrics metrics;
  private final InstantSource clock = InstantSource.system();

  ClaimTask(
      RemoteClaims claims,
      WaitForWork waits,
      RunReporter reporter,
      RemoveStaleTickets tickets,
      FindWorker workers,
      TaskTraces traces,
      ClaimMetrics metrics) {
    this.claims = claims;
    this.waits = waits;
    this.reporter = reporter;
    this.tickets = tickets;
    this.workers = workers;
    this.traces = traces;
    this.metrics = metrics;
  }

  @Operation(
      summary = "Claim a task",
      description =
          "The most urgent pending task of the worker's backend_type. A worker that is paused,"
              + " draining, or runs max_parallel_tasks already gets none. With wait the answer comes"
              + " as soon as there is a task, or when the time is over.")
  @ApiResponse(
      responseCode = "200",
      description = "A task that is now running here",
      content = @Content(schema = @Schema(implementation = ClaimedTask.class)))
  @ApiResponse(responseCode = "204", description = "Nothing to do", content = @Content)
  @ApiResponse(
      responseCode = "409",
      description = "worker_taken_over: another incarnation has the name")
  @PostMapping(path = "/api/v1/workers/{id}/claim", produces = MediaType.APPLICATION_JSON_VALUE)
  DeferredResult<ResponseEntity<ClaimedTask>> claim(
      @PathVariable("id") String id,
      @Parameter(description = "500ms, 30s, 1m; at most 60s", example = "30s")
          @RequestParam(name = "wait", required = false)
          @Nullable String wait,
      @RequestBody(required = false) @Nullable ClaimRequest body,
      HttpServletRequest call) {
    ClaimRequest request = body == null ? new ClaimRequest(null, null, null) : body;
    Duration longest = WaitTime.parse(wait != null ? wait : request.waitTime());
    UUID session = Objects.requireNonNullElseGet(request.sessionId(), UUID::randomUUID);
    String worker = FindWorker.known(id);
    Optional<ClaimedTask> now = attempt(worker, request.incarnation(), session);
    if (now.isPresent() || longest.isZero()) {
      DeferredResult<ResponseEntity<ClaimedTask>> answer = new DeferredResult<>();
      answer.setResult(WaitForWork.answer(now));
      return answer;
    }
    ClientConnection client = ClientConnection.of(call);
    return waits.answer(
        worker, longest, client, () -> attempt(worker, request.incarnation(), session));
  }

  private ClaimedTask won(String id, UUID session, Task task, Instant begun) {
    Span claim = traces.start("claim task", task.trace(), begun, task.id(), session);
    claim.tag("aiopslab.worker.id", id).end();
    tickets.left(task.spec().backendType(), 1);
    reporter.started(id, task.id(), session, TaskTraces.parent(claim));
    return ClaimedTask.of(task);
  }

  private Optional<ClaimedTask> attempt(String id, @Nullable UUID incarnation, UUID session) {
    Instant begun = clock.instant();
    RemoteClaims.Outcome outcome = claims.claim(id, incarnation, session);
    if (!outcome.isHolder()) {
      workers.find(id);
      throw Refusal.conflict(
          "worker_taken_over",
          "Another process is worker %s now; stop this one, or register it under another id."
              .formatted(id));
    }
    metrics.count(outcome.task());
    return Optional.ofNullable(outcome.task()).map(won -> won(id, session, won, begun));
  }
}

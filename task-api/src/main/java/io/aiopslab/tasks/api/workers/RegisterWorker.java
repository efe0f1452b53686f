package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.RemoteWorkers;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.Worker;
import io.aiopslab.tasks.task.WorkerStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A worker comes and goes. */
@RestController
@Tag(name = "http workers")
class RegisterWorker {
  private static final Logger log = LoggerFactory.getLogger(RegisterWorker.class);

  private final RemoteWorkers remote;
  private final Workers workers;
  private final RemoteSettings settings;
  private final WorkerListSettings list;

  RegisterWorker(
      RemoteWorkers remote, Workers workers, RemoteSettings settings, WorkerListSettings list) {
    this.remote = remote;
    this.workers = workers;
    this.settings = settings;
    this.list = list;
  }

  @Schema(name = "Registration")
  record Registration(
      @Schema(example = "py-worker-1") String id,
      @Schema(description = "The same as id", example = "py-worker-1") String workerId,
      @Schema(description = "Whose tasks it takes", example = "default") String backendType,
      @Schema(description = "As the worker is shown from now on") WorkerStatus status,
      @Schema(description = "To be sent with every heartbeat and claim") UUID incarnation,
      @Schema(description = "How often to beat", example = "5") double heartbeatIntervalSeconds,
      @Schema(
              description = "A worker that was silent for longer is lost, and its tasks fail",
              example = "45")
          double lostAfterSeconds,
      @Schema(
              description =
                  "A task is pending again if nothing is heard of its worker for so long after the"
                      + " answer to the claim: neither a report nor a beat. A beat with task_ids, or"
                      + " with status idle, speaks only of the tasks that it names",
              example = "15")
          double requeuedAfterSeconds) {}

  @Operation(
      summary = "Register an HTTP worker",
      description =
          "Safe to repeat with the same incarnation. A name belongs to one incarnation at a time:"
              + " another one gets it when the first has signed off or was silent for"
              + " lost_after_seconds.")
  @ApiResponse(responseCode = "201", description = "A new worker, or a new life of one")
  @ApiResponse(responseCode = "200", description = "The same incarnation once more")
  @ApiResponse(responseCode = "409", description = "worker_id_taken: another incarnation is alive")
  @PostMapping(path = "/api/v1/workers/register", produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Registration> register(@RequestBody RegisterRequest request) {
    Worker worker = request.toWorker();
    RemoteWorkers.Entry entry = remote.enter(worker, list.offlineAfter());
    if (entry == RemoteWorkers.Entry.TAKEN) {
      throw Refusal.conflict(
          "worker_id_taken",
          "Another process is worker %s and alive; stop it, choose another id, or register again when it has been silent for %d s."
              .formatted(worker.id(), list.offlineAfter().toSeconds()));
    }
    log.info("HTTP worker {} registered for backend {}", worker.id(), worker.backendType());
    Registration registration =
        new Registration(
            worker.id(),
            worker.id(),
            worker.backendType(),
            WorkerStatus.IDLE,
            worker.incarnation(),
            settings.heartbeatInterval().toMillis() / 1000.0,
            list.offlineAfter().toMillis() / 1000.0,
            settings.requeueUnheardAfter().toMillis() / 1000.0);
    HttpStatus status = entry == RemoteWorkers.Entry.NEW ? HttpStatus.CREATED : HttpStatus.OK;
    return ResponseEntity.status(status).body(registration);
  }

  @Operation(
      summary = "Sign an HTTP worker off",
      description =
          "Offline at once, so that its name is free. What it still runs fails as worker_lost when"
              + " its heartbeat is old: end it before. Safe to repeat.")
  @ApiResponse(
      responseCode = "204",
      description = "Signed off, or another incarnation has the name")
  @PostMapping(path = "/api/v1/workers/{id}/sign-off")
  ResponseEntity<Void> signOff(@PathVariable("id") String id, @RequestBody SignOffRequest request) {
    workers.signOff(FindWorker.known(id), request.incarnation());
    return ResponseEntity.noContent().build();
  }
}

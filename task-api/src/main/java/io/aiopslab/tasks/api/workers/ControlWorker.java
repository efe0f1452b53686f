package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.store.WorkerControls;
import io.aiopslab.tasks.task.RegisteredWorker;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** An operator's hand on a worker; in force from the answer on, because claims look at the row. */
@RestController
@Tag(name = "workers")
class ControlWorker {
  private static final Logger log = LoggerFactory.getLogger(ControlWorker.class);

  private final WorkerControls controls;
  private final FindWorker workers;

  ControlWorker(WorkerControls controls, FindWorker workers) {
    this.controls = controls;
    this.workers = workers;
  }

  @Operation(
      summary = "Pause a worker",
      description =
          "It takes no task until it is resumed, also after a restart. What it runs goes on. Safe to"
              + " repeat.")
  @ApiResponse(responseCode = "200", description = "The worker, paused")
  @PostMapping(path = "/api/v1/workers/{id}/pause", produces = MediaType.APPLICATION_JSON_VALUE)
  RegisteredWorker pause(
      @Parameter(example = "worker-001-kind") @PathVariable("id") String id,
      @RequestBody(required = false) @Nullable OperatorWord word) {
    return after("paused", id, controls.pause(FindWorker.known(id), reason(word)));
  }

  @Operation(
      summary = "Drain a worker",
      description =
          "It finishes what it runs and takes no more, also after a restart; drained says when"
              + " nothing runs there any more and it can be taken away. Safe to repeat.")
  @ApiResponse(responseCode = "200", description = "The worker, draining")
  @PostMapping(path = "/api/v1/workers/{id}/drain", produces = MediaType.APPLICATION_JSON_VALUE)
  RegisteredWorker drain(
      @Parameter(example = "worker-001-kind") @PathVariable("id") String id,
      @RequestBody(required = false) @Nullable OperatorWord word) {
    return after("draining", id, controls.drain(FindWorker.known(id), reason(word)));
  }

  @Operation(
      summary = "Resume a worker",
      description = "Ends pause and drain: it takes tasks again. Safe to repeat.")
  @ApiResponse(responseCode = "200", description = "The worker, neither paused nor draining")
  @PostMapping(path = "/api/v1/workers/{id}/resume", produces = MediaType.APPLICATION_JSON_VALUE)
  RegisteredWorker resume(@Parameter(example = "worker-001-kind") @PathVariable("id") String id) {
    return after("resumed", id, controls.resume(FindWorker.known(id)));
  }

  private RegisteredWorker after(String what, String id, boolean found) {
    if (!found) {
      throw FindWorker.notFound(id);
    }
    log.info("Worker {} is {} on an operator's word", id, what);
    return workers.find(id);
  }

  private static @Nullable String reason(@Nullable OperatorWord word) {
    return word == null ? null : word.reason();
  }
}

package io.aiopslab.tasks.api.workers;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.RegisteredWorker;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** GET of one worker. */
@RestController
@Tag(name = "workers")
class LookAtWorker {
  private final FindWorker workers;
  private final Workers registered;

  LookAtWorker(FindWorker workers, Workers registered) {
    this.workers = workers;
    this.registered = registered;
  }

  @Schema(name = "Worker")
  record WorkerView(
      @JsonUnwrapped RegisteredWorker worker,
      @Schema(description = "Of its last 10,000 runs that have ended", example = "41")
          long tasksCompleted,
      @Schema(description = "Of the same", example = "1") long tasksFailed) {}

  @Operation(summary = "Look at a worker")
  @ApiResponse(responseCode = "200", description = "The worker as it was last heard of")
  @GetMapping(path = "/api/v1/workers/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  WorkerView look(
      @Parameter(description = "Name of the Kind cluster", example = "worker-001-kind")
          @PathVariable("id")
          String id) {
    RegisteredWorker worker = workers.find(id);
    Workers.Ends ends = registered.ends(id);
    return new WorkerView(worker, ends.completed(), ends.failed());
  }
}

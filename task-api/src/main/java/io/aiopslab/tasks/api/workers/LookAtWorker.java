package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.task.RegisteredWorker;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
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

  LookAtWorker(FindWorker workers) {
    this.workers = workers;
  }

  @Operation(summary = "Look at a worker")
  @ApiResponse(responseCode = "200", description = "The worker as it was last heard of")
  @GetMapping(path = "/api/v1/workers/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  RegisteredWorker look(
      @Parameter(description = "Name of the Kind cluster", example = "worker-001-kind")
          @PathVariable("id")
          String id) {
    return workers.find(id);
  }
}

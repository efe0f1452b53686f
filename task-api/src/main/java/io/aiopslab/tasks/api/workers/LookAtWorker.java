package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.problem.Refusal;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.RegisteredWorker;
import io.aiopslab.tasks.task.TaskSpec;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** GET of one worker. */
@RestController
@Tag(name = "workers")
class LookAtWorker {
  private final Workers workers;
  private final WorkerListSettings settings;

  LookAtWorker(Workers workers, WorkerListSettings settings) {
    this.workers = workers;
    this.settings = settings;
  }

  @Operation(summary = "Look at a worker")
  @ApiResponse(responseCode = "200", description = "The worker as it was last heard of")
  @GetMapping(path = "/api/v1/workers/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  RegisteredWorker look(
      @Parameter(description = "Name of the Kind cluster", example = "worker-001-kind")
          @PathVariable("id")
          String id) {
    return find(id)
        .orElseThrow(
            () ->
                Refusal.notFound(
                    "worker_not_found",
                    "There is no worker %s; GET /api/v1/workers lists those that exist."
                        .formatted(id)));
  }

  /** What is no name of a cluster is not looked for: PostgreSQL does not take every text. */
  private Optional<RegisteredWorker> find(String id) {
    return id.matches(TaskSpec.LABEL_PATTERN)
        ? workers.find(id, settings.offlineAfter())
        : Optional.empty();
  }
}

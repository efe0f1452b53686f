package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.problem.Refusal;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.RegisteredWorker;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.WorkerStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** All workers that ever registered, by id. */
@RestController
@Tag(name = "workers")
class ListWorkers {
  private final Workers workers;
  private final WorkerListSettings settings;

  ListWorkers(Workers workers, WorkerListSettings settings) {
    this.workers = workers;
    this.settings = settings;
  }

  @Schema(name = "WorkerList")
  record WorkerList(
      List<RegisteredWorker> workers,
      @Schema(description = "How many these are", example = "2") long total) {}

  @Operation(
      summary = "List workers by id",
      description =
          "A worker is one Kind cluster. One whose last heartbeat is old (45 s, unless the operator"
              + " has set something else) is offline, whatever it said last; one that is quarantined"
              + " says in status_reason why it takes no work.")
  @ApiResponse(responseCode = "200", description = "All that match")
  @GetMapping(path = "/api/v1/workers", produces = MediaType.APPLICATION_JSON_VALUE)
  WorkerList list(
      @Parameter(description = "Only workers in this status")
          @RequestParam(name = "status", required = false)
          @Nullable WorkerStatus status,
      @Parameter(description = "Only workers that take tasks of this backend")
          @RequestParam(name = "backend_type", required = false)
          @Nullable String backendType) {
    if (backendType != null && !backendType.matches(TaskSpec.LABEL_PATTERN)) {
      throw Refusal.badParameter(
          "backend_type",
          "format",
          "must be a DNS-1123 label: up to 63 of a-z, 0-9 and -, beginning and ending with a letter"
              + " or digit");
    }
    List<RegisteredWorker> found = workers.list(status, backendType, settings.offlineAfter());
    return new WorkerList(found, found.size());
  }
}

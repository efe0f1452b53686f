package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.workers.WorkerListSettings;
import io.aiopslab.tasks.store.BackendLoads;
import io.aiopslab.tasks.task.SupportedProblem;
import io.aiopslab.tasks.task.UnsupportedProblem;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the registered workers can run. */
@RestController
@Tag(name = "backends")
class ListProblems {
  private final BackendLoads loads;
  private final WorkerListSettings settings;

  ListProblems(BackendLoads loads, WorkerListSettings settings) {
    this.loads = loads;
    this.settings = settings;
  }

  @Schema(name = "ProblemList")
  record ProblemList(
      @Schema(description = "Those that workers have named in their capabilities")
          List<SupportedProblem> problems,
      @Schema(description = "Whether a live worker names none, because it takes every problem")
          boolean takesAll,
      @Schema(description = "Backends of such workers", example = "[\"default\"]")
          List<String> takesAllBackends,
      @Schema(description = "Those that AIOpsLab has and that cannot be run here")
          List<UnsupportedProblem> notSupported) {}

  @Operation(summary = "Problems that the registered workers can run, by id")
  @ApiResponse(responseCode = "200", description = "Problems, and whether any other can be run too")
  @GetMapping(path = "/api/v1/problems", produces = MediaType.APPLICATION_JSON_VALUE)
  ProblemList list() {
    List<String> takingAll = loads.takingAll(settings.offlineAfter());
    return new ProblemList(
        loads.problems(settings.offlineAfter()),
        !takingAll.isEmpty(),
        takingAll,
        loads.unsupported(settings.offlineAfter()));
  }
}

package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.operate.BackendCapacity.Percentiles;
import io.aiopslab.tasks.api.operate.BackendCapacity.ProblemTimes;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.workers.WorkerListSettings;
import io.aiopslab.tasks.store.BackendControls;
import io.aiopslab.tasks.store.BackendControls.Pause;
import io.aiopslab.tasks.store.BackendLoads;
import io.aiopslab.tasks.store.BackendTimes;
import io.aiopslab.tasks.task.BackendLoad;
import io.aiopslab.tasks.task.TaskSpec;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** How much of a backend is free, and how long its tasks take. */
@RestController
@Tag(name = "backends")
class MeasureCapacity {
  private final BackendLoads loads;
  private final BackendTimes times;
  private final BackendControls controls;
  private final WorkerListSettings settings;

  MeasureCapacity(
      BackendLoads loads,
      BackendTimes times,
      BackendControls controls,
      WorkerListSettings settings) {
    this.loads = loads;
    this.times = times;
    this.controls = controls;
    this.settings = settings;
  }

  @Operation(
      summary = "Capacity of a backend",
      description =
          "For a trainer that keeps a window of tasks in flight. A backend that nobody knows has"
              + " nothing free and nothing queued.")
  @ApiResponse(responseCode = "200", description = "Free, busy, queued, and how long tasks take")
  @GetMapping(
      path = "/api/v1/backends/{type}/capacity",
      produces = MediaType.APPLICATION_JSON_VALUE)
  BackendCapacity of(@Parameter(example = "default") @PathVariable("type") String type) {
    BackendLoad load = loads.of(known(type), settings.offlineAfter());
    Pause pause = controls.pausedAmong(List.of(type)).get(type);
    return new BackendCapacity(
        type,
        pause == null ? null : pause.since(),
        pause == null ? null : pause.reason(),
        pause == null ? load.workers().idle() : 0,
        load.workers().busy(),
        load.pending(),
        load.pendingExact(),
        load.oldestWaitSeconds(),
        times.lately(type).stream().map(MeasureCapacity::shown).toList());
  }

  private static ProblemTimes shown(BackendTimes.Times times) {
    return new ProblemTimes(
        times.problemId(),
        times.runs(),
        new Percentiles(times.waitP50(), times.waitP90()),
        new Percentiles(times.runP50(), times.runP90()));
  }

  /**
   * @throws Refusal if it cannot be the name of a backend
   */
  static String known(String type) {
    if (!type.matches(TaskSpec.LABEL_PATTERN)) {
      throw Refusal.notFound(
          "backend_not_found",
          "Names of backends are DNS-1123 labels; GET /api/v1/backends lists those in use.");
    }
    return type;
  }
}

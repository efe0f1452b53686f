package io.aiopslab.tasks.api.operate;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.aiopslab.tasks.api.workers.WorkerListSettings;
import io.aiopslab.tasks.store.BackendControls;
import io.aiopslab.tasks.store.BackendControls.Pause;
import io.aiopslab.tasks.store.BackendLoads;
import io.aiopslab.tasks.task.BackendLoad;
import io.aiopslab.tasks.task.UnplayableTasks;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Every backend that somebody works for or waits for. */
@RestController
@Tag(name = "backends")
class ListBackends {
  private final BackendLoads loads;
  private final QueueDepths depths;
  private final BackendControls controls;
  private final WorkerListSettings settings;

  ListBackends(
      BackendLoads loads,
      QueueDepths depths,
      BackendControls controls,
      WorkerListSettings settings) {
    this.loads = loads;
    this.depths = depths;
    this.controls = controls;
    this.settings = settings;
  }

  @Schema(name = "Backend")
  record Backend(
      @JsonUnwrapped BackendLoad load,
      @Schema(
              nullable = true,
              description =
                  "Tickets that wait at the broker, up to 2 s old; null while it has not answered."
                      + " Tickets are hints: pending says how much there is to do",
              example = "3")
          @Nullable Long queueDepth,
      @Schema(nullable = true, description = "Since when nothing of it starts")
          @Nullable Instant pausedAt,
      @Schema(
              description =
                  "What waits for a problem that none of its live workers can play, of the first"
                      + " 2,000 problems that wait; empty without a live worker")
          List<UnplayableTasks> unplayable) {}

  @Schema(name = "BackendList")
  record BackendList(List<Backend> backends) {}

  @Operation(
      summary = "Backends, by name",
      description =
          "Those that have a worker, a running or a pending task, at most 500. pending is counted to"
              + " 10,000; pending_exact is false beyond.")
  @ApiResponse(responseCode = "200", description = "How much each has to do, and who is there")
  @GetMapping(path = "/api/v1/backends", produces = MediaType.APPLICATION_JSON_VALUE)
  BackendList list() {
    List<BackendLoad> all = loads.list(settings.offlineAfter());
    List<String> types = all.stream().map(BackendLoad::backendType).toList();
    Map<String, Long> waiting = depths.of(types);
    Map<String, Pause> paused = controls.pausedAmong(types);
    Map<String, List<UnplayableTasks>> unplayable = loads.unplayable(settings.offlineAfter());
    return new BackendList(
        all.stream()
            .map(
                load -> {
                  String type = load.backendType();
                  Pause pause = paused.get(type);
                  return new Backend(
                      load,
                      waiting.get(type),
                      pause == null ? null : pause.since(),
                      unplayable.getOrDefault(type, List.of()));
                })
            .toList());
  }
}

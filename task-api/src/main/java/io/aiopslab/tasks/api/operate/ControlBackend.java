package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.store.BackendControls;
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

/** A trainer's or operator's hand on a backend, while weights are updated, say. */
@RestController
@Tag(name = "backends")
class ControlBackend {
  private static final Logger log = LoggerFactory.getLogger(ControlBackend.class);

  private final BackendControls controls;
  private final MeasureCapacity capacity;

  ControlBackend(BackendControls controls, MeasureCapacity capacity) {
    this.controls = controls;
    this.capacity = capacity;
  }

  @Operation(
      summary = "Pause a backend",
      description =
          "What runs goes on, and nothing of it starts until it is resumed; tasks are still taken"
              + " and wait. Also for a backend that has neither tasks nor workers yet. Safe to"
              + " repeat.")
  @ApiResponse(responseCode = "200", description = "The backend, paused")
  @PostMapping(path = "/api/v1/backends/{type}/pause", produces = MediaType.APPLICATION_JSON_VALUE)
  BackendCapacity pause(
      @Parameter(example = "default") @PathVariable("type") String type,
      @RequestBody(required = false) @Nullable PauseWord word) {
    controls.pause(MeasureCapacity.known(type), word == null ? null : word.reason());
    log.info("Backend {} is paused on an operator's word", type);
    return capacity.of(type);
  }

  @Operation(
      summary = "Resume a backend",
      description =
          "Its tasks start again, within the poll interval of its workers. Safe to repeat.")
  @ApiResponse(responseCode = "200", description = "The backend, not paused")
  @PostMapping(path = "/api/v1/backends/{type}/resume", produces = MediaType.APPLICATION_JSON_VALUE)
  BackendCapacity resume(@Parameter(example = "default") @PathVariable("type") String type) {
    controls.resume(MeasureCapacity.known(type));
    log.info("Backend {} is resumed on an operator's word", type);
    return capacity.of(type);
  }
}

package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.task.TaskSpec;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** That a worker is alive, and what it runs. */
@StrictBody
@Schema(name = "Heartbeat")
record HeartbeatRequest(
    @Schema(description = "Where the path does not name the worker", example = "py-worker-1")
        @Pattern(regexp = TaskSpec.LABEL_PATTERN, message = RegisterRequest.LABEL)
        @Nullable String workerId,
    @Schema(description = "As registered; left out, the beat counts for whoever has the name")
        @Nullable UUID incarnation,
    @Schema(description = "What it runs; left out or null, nothing") @Nullable UUID currentTaskId,
    @Schema(description = "Where it runs several")
        @Size(max = 1000, message = "must have at most 1000 items")
        @Nullable List<@NotNull(message = "must not be null") UUID> taskIds,
    @Schema(
            description = "idle or busy; may be said, and follows from what it runs",
            example = "idle")
        @Pattern(regexp = "idle|busy", message = "must be idle or busy")
        @Nullable String status) {
  static final HeartbeatRequest PLAIN = new HeartbeatRequest(null, null, null, null, null);

  /**
   * Whether it runs nothing but what it names. One that names nothing at all may be of a worker
   * that never does.
   */
  boolean namesAll() {
    return taskIds != null || (currentTaskId == null && "idle".equals(status));
  }

  List<UUID> tasks() {
    List<UUID> all = new ArrayList<>(taskIds == null ? List.of() : taskIds);
    if (currentTaskId != null && !all.contains(currentTaskId)) {
      all.add(0, currentTaskId);
    }
    return all;
  }
}

package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TraceParent;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A task that is the worker's to run, with all it takes. */
@Schema(name = "ClaimedTask")
record ClaimedTask(
    Work task,
    @Schema(description = "To be sent with every report on this task") UUID sessionId,
    Instant startedAt,
    @Schema(description = "When the run has to be over, by the database's clock")
        Instant deadlineAt,
    @Schema(
            nullable = true,
            description = "Of W3C Trace Context: what the run does continues from here",
            example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        @Nullable String traceparent) {

  @Schema(name = "Work")
  record Work(
      UUID id,
      @Schema(example = "misconfig_app_hotel_res-detection-1") String problemId,
      @Schema(example = "default") String backendType,
      @Schema(example = "5") int priority,
      @Schema(example = "{\"agent\": \"rule_based\"}") ObjectNode agentConfig,
      ObjectNode metadata,
      @Schema(description = "Agent turns", example = "30") int maxSteps,
      @Schema(description = "Counted from started_at", example = "1800") long timeoutSeconds) {}

  static ClaimedTask of(Task task) {
    TraceParent trace = task.trace();
    Task.Run run = Objects.requireNonNull(task.run());
    return new ClaimedTask(
        new Work(
            task.id(),
            task.spec().problemId(),
            task.spec().backendType(),
            task.spec().priority(),
            task.spec().agentConfig(),
            task.spec().metadata(),
            task.spec().maxSteps(),
            60L * task.spec().timeoutMinutes()),
        run.sessionId(),
        run.startedAt(),
        run.deadlineAt(),
        trace == null ? null : trace.header());
  }
}

package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.FailureCode;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** An interactive session with the actions taken so far. */
@Schema(name = "Session", description = "An interactive session: a task whose agent is the trainer")
record SessionView(
    @Schema(description = "Also the id of the task that it is") UUID id,
    SessionState state,
    String problemId,
    String backendType,
    int priority,
    int maxSteps,
    int timeoutMinutes,
    @Schema(description = "The trainer's own") ObjectNode metadata,
    @Schema(
            nullable = true,
            description = "While it is pending: its place in the queue of its backend, from 1")
        @Nullable Integer queuePlace,
    @Schema(description = "Whether there may be more before it than were counted")
        boolean queuePlaceIsMinimum,
    @Schema(nullable = true, description = "Name of its Kind cluster") @Nullable String workerId,
    @Schema(
            description =
                "The first observation, once it was open: what the problem is, what to do, and the"
                    + " documentation of each action")
        @Nullable Briefing observation,
    @Schema(
            nullable = true,
            description = "Index of the next action; null when it takes none any more")
        @Nullable Integer nextIndex,
    @Schema(description = "Actions in order, from after on") List<StepView> steps,
    @Schema(
            nullable = true,
            description = "The parameter after for the next page of steps; null at the end")
        @Nullable Integer stepsNext,
    @Schema(
            nullable = true,
            description = "While it is open: when it is closed unless an action comes")
        @Nullable Instant idleDeadlineAt,
    @Schema(nullable = true, description = "When it has to be over") @Nullable Instant deadlineAt,
    Instant createdAt,
    @Schema(nullable = true, description = "When it got its cluster") @Nullable Instant startedAt,
    @Schema(nullable = true, description = "Since when it could be stepped")
        @Nullable Instant openedAt,
    @Schema(nullable = true) @Nullable Instant completedAt,
    @Schema(nullable = true, description = "Once completed: 0 to 1; null where there was no grade")
        @Nullable Double reward,
    @Schema(nullable = true, description = "Once ended: submitted, max_steps, cancelled, …")
        @Nullable String stopReason,
    @Schema(nullable = true) @Nullable FailureCode failureCode,
    @Schema(nullable = true, description = "A sentence that a person can act on")
        @Nullable String errorDetails) {}

package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A worker as it is known to the others.
 *
 * @param id name of the Kind cluster
 * @param statusReason why it is quarantined; null otherwise
 * @param currentTaskId what it runs; of a silent worker, what it ran when it was last heard of
 * @param capabilities {@code max_parallel_tasks}, {@code supported_problems}
 * @param metadata host, versions
 * @param registeredAt start of its process
 * @param paused takes no task until an operator resumes it
 * @param draining finishes what runs and takes no more
 * @param drained draining, and nothing runs there any more
 * @param reason what the operator said who paused or drains it
 */
public record RegisteredWorker(
    String id,
    String backendType,
    WorkerStatus status,
    @Nullable String statusReason,
    @Nullable UUID currentTaskId,
    ObjectNode capabilities,
    ObjectNode metadata,
    Instant registeredAt,
    Instant lastHeartbeatAt,
    boolean paused,
    @Nullable Instant pausedAt,
    boolean draining,
    @Nullable Instant drainingAt,
    boolean drained,
    @Nullable String reason) {

  /** The same as {@code last_heartbeat_at}, as the public draft of this API names it. */
  @JsonProperty
  public Instant lastHeartbeat() {
    return lastHeartbeatAt;
  }
}

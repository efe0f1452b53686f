package io.aiopslab.tasks.task;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One slot of a worker process, bound to one Kind cluster.
 *
 * @param id name of the Kind cluster; a DNS-1123 label
 * @param incarnation made anew at each start of the process
 * @param capabilities {@code max_parallel_tasks}, {@code supported_problems}
 * @param metadata whatever an operator may want to see: host, versions
 */
public record Worker(
    String id, String backendType, UUID incarnation, ObjectNode capabilities, ObjectNode metadata) {

  /**
   * @param currentTaskId null when idle
   * @param quarantine why it takes no work although it lives; null when it does
   */
  public record Pulse(
      String workerId,
      UUID incarnation,
      @Nullable UUID currentTaskId,
      @Nullable String quarantine) {}
}

package io.aiopslab.tasks.message;

import java.util.UUID;

/**
 * Says that there is work for a backend. A hint: the row decides, and a worker that gets this
 * ticket may well claim another task.
 *
 * @param v version of the format, 1
 */
public record Ticket(int v, UUID taskId, String backendType) {
  public static final int VERSION = 1;

  public static Ticket of(UUID taskId, String backendType) {
    return new Ticket(VERSION, taskId, backendType);
  }
}

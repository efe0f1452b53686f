package io.aiopslab.tasks.message;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.aiopslab.tasks.task.TraceParent;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says that there is work for a backend. A hint: the row decides, and a worker that gets this
 * ticket may well claim another task.
 *
 * @param v version of the format, 1
 * @param trace travels as a header, for those who look at the message
 */
public record Ticket(
    int v, UUID taskId, String backendType, @JsonIgnore @Nullable TraceParent trace) {
  public static final int VERSION = 1;

  public static Ticket of(UUID taskId, String backendType, @Nullable TraceParent trace) {
    return new Ticket(VERSION, taskId, backendType, trace);
  }
}

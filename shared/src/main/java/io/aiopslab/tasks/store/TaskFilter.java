package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.TaskStatus;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks are meant: those that meet every condition. What is null or empty is no condition.
 *
 * @param createdAfter then or later
 * @param createdBefore earlier than that
 * @param metadata members at top level: each is a string of that text, or the number or boolean
 *     that is written so
 */
public record TaskFilter(
    Set<UUID> ids,
    Set<TaskStatus> statuses,
    @Nullable String problemId,
    @Nullable String backendType,
    @Nullable String workerId,
    @Nullable UUID retryOf,
    @Nullable UUID groupId,
    @Nullable Instant createdAfter,
    @Nullable Instant createdBefore,
    Map<String, String> metadata) {

  /** Sorted, so that equal filters are also written alike. */
  public TaskFilter {
    ids = Collections.unmodifiableSet(new TreeSet<>(ids));
    statuses = Collections.unmodifiableSet(new TreeSet<>(statuses));
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  public static TaskFilter ofGroup(UUID groupId) {
    return new TaskFilter(
        Set.of(), Set.of(), null, null, null, null, groupId, null, null, Map.of());
  }

  /** Every task of a span of time. */
  public static TaskFilter created(@Nullable Instant after, @Nullable Instant before) {
    return new TaskFilter(
        Set.of(), Set.of(), null, null, null, null, null, after, before, Map.of());
  }
}

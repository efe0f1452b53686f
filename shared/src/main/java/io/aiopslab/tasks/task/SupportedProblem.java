package io.aiopslab.tasks.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A problem that some worker has named as one it can run.
 *
 * @param taskType {@code detection}, {@code localization}, {@code analysis} or {@code mitigation};
 *     null where the worker has named only the id, as the next two
 * @param application the one that it is about, {@code hotel-reservation} for example
 * @param level AIOpsLab's: 1 detection to 4 mitigation
 * @param backends of those workers, by name
 * @param workers by name
 * @param live whether one of them is there now
 */
public record SupportedProblem(
    String problemId,
    @Nullable String taskType,
    @Nullable String application,
    @Nullable Integer level,
    List<String> backends,
    List<String> workers,
    boolean live) {}

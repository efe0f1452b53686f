package io.aiopslab.tasks.task;

import java.util.List;

/**
 * A problem that some worker has named as one it can run.
 *
 * @param backends of those workers, by name
 * @param workers by name
 * @param live whether one of them is there now
 */
public record SupportedProblem(
    String problemId, List<String> backends, List<String> workers, boolean live) {}

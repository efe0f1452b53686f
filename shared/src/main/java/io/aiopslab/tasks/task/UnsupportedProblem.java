package io.aiopslab.tasks.task;

/**
 * A problem that AIOpsLab has and this service cannot play.
 *
 * @param reason half a sentence
 */
public record UnsupportedProblem(String problemId, String reason) {}

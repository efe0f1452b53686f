package io.aiopslab.tasks.task;

/**
 * Pending tasks that no live worker of their backend can play.
 *
 * @param pending how many, counted to 10,000
 */
public record UnplayableTasks(String problemId, long pending) {}

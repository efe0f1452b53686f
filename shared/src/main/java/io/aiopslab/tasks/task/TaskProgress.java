package io.aiopslab.tasks.task;

import java.time.Instant;
import java.util.Map;

/**
 * How far a run has come.
 *
 * @param steps agent turns done
 * @param metrics numbers reported so far, by name
 * @param lastEventAt by the worker's clock
 */
public record TaskProgress(
    Phase phase, int steps, Map<String, Double> metrics, Instant lastEventAt) {}

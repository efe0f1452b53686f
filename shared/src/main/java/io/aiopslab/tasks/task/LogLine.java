package io.aiopslab.tasks.task;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of a run's log.
 *
 * @param seq position in the run's log, from 0 without gaps
 * @param ts when the line was written, by the worker's clock
 * @param context structured details, where the writer gave any
 */
public record LogLine(
    long seq, Instant ts, LogLevel level, String message, @Nullable ObjectNode context) {}

package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of a run's log.
 *
 * @param seq position in the run's log, from 0 without gaps
 * @param ts when the line was written, by the worker's clock; the earlier name of timestamp, kept
 *     for one version
 * @param context structured details, where the writer gave any
 */
public record LogLine(
    long seq, Instant ts, LogLevel level, String message, @Nullable ObjectNode context) {

  /** When the line was written, by the worker's clock. */
  @JsonProperty
  public Instant timestamp() {
    return ts;
  }
}

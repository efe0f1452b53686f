package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.TaskStatus;

/**
 * The seq of each event of an HTTP worker's run, made from what the event says: the same report has
 * the same number however often it is sent, and two reports never share one. They grow in the order
 * of a run but leave gaps, so the counts of the result, not the last seq, say what a whole run is:
 * {@code docs/decisions/0007-http-workers.md}.
 */
final class EventNumbers {
  static final long STARTED = 0;

  /** Largest integer that every reader of JSON can hold. */
  private static final long LARGEST = (1L << 53) - 1;

  private static final long FIRST_OF_DATA = 10;

  private EventNumbers() {}

  static long phase(Phase phase) {
    return switch (phase) {
      case SETUP -> 1;
      case RUNNING -> 2;
      case GRADING -> 3;
      case CLEANUP -> 4;
    };
  }

  static long logs(long firstSeq) {
    return FIRST_OF_DATA + 2 * firstSeq;
  }

  static long step(int index) {
    return FIRST_OF_DATA + 2L * index + 1;
  }

  /** One for each kind of end, so that a second, different end is kept as evidence. */
  static long end(TaskStatus status) {
    return switch (status) {
      case COMPLETED -> LARGEST;
      case FAILED -> LARGEST - 1;
      case CANCELLED -> LARGEST - 2;
      case PENDING, RUNNING -> throw new IllegalArgumentException("no end: " + status.wire());
    };
  }
}

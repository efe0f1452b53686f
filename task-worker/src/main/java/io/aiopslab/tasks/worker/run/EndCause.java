package io.aiopslab.tasks.worker.run;

import java.util.Locale;

/** Why a run's process is not running any more. */
enum EndCause {
  /** It ended by itself. */
  EXITED,
  /** It said how the run went, and did not go. */
  LINGERED,
  /** It took longer than the task allows. */
  DEADLINE,
  /** Somebody asked for it to end. */
  CANCELLED,
  /** Nobody stepped an interactive session for too long. */
  IDLE,
  /** The task is not this session's any more: it was called lost, or is overdue. */
  LOST,
  /** The worker stops. */
  WORKER_SHUTDOWN,
  /** It said something that the worker cannot understand. */
  PROTOCOL_ERROR,
  /** The worker could not keep what it said. */
  INTERNAL;

  /** For metrics. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.aiopslab.tasks.api.sessions;

import com.fasterxml.jackson.annotation.JsonValue;
import io.aiopslab.tasks.store.Sessions.Known;
import java.util.Locale;

/** Where a session stands, as far as its trainer is concerned. */
enum SessionState {
  /** Waits for a free cluster. */
  PENDING,
  /** A cluster is being made ready for it. */
  SETUP,
  /** Waits for an action. */
  OPEN,
  /** Is at an action. */
  STEPPING,
  /** Somebody has ended it; its cluster is being freed. */
  CLOSING,
  /** It was played to its end, and has a result. Final. */
  COMPLETED,
  /** It could not be played to its end; {@code failure_code} says why. Final. */
  FAILED,
  /** Somebody has ended it before its end. Final. */
  CANCELLED;

  @JsonValue
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static SessionState of(Known session) {
    return switch (session.task().status()) {
      case PENDING -> PENDING;
      case RUNNING -> ofRunning(session);
      case COMPLETED -> COMPLETED;
      case FAILED -> FAILED;
      case CANCELLED -> CANCELLED;
    };
  }

  private static SessionState ofRunning(Known session) {
    if (session.task().cancel() != null) {
      return CLOSING;
    }
    if (session.briefing() == null) {
      return SETUP;
    }
    return session.isStepping() ? STEPPING : OPEN;
  }
}

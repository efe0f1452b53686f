package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Where a task stands. The database enforces the same moves by trigger; {@code
 * docs/state-machine.md} shows them.
 */
public enum TaskStatus {
  /** Waits for a worker. A claim moves it on; a cancel ends it. */
  PENDING,
  /**
   * Belongs to one session of one worker. The collector moves it on; back to pending it goes only
   * if nothing was ever heard of that session.
   */
  RUNNING,
  /** The run came to its end and has a result. Final. */
  COMPLETED,
  /** The run did not come to its end; {@link FailureCode} says why. Final. */
  FAILED,
  /** Somebody asked for it to end. Final. */
  CANCELLED;

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  public boolean isTerminal() {
    return switch (this) {
      case PENDING, RUNNING -> false;
      case COMPLETED, FAILED, CANCELLED -> true;
    };
  }

  public boolean canBecome(TaskStatus next) {
    return switch (this) {
      case PENDING -> next == RUNNING || next == CANCELLED;
      case RUNNING -> next == PENDING || next.isTerminal();
      case COMPLETED, FAILED, CANCELLED -> false;
    };
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no status
   */
  public static TaskStatus fromWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}

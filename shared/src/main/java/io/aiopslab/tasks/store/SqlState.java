package io.aiopslab.tasks.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's own code for what went wrong. */
public final class SqlState {
  /** A row was held by somebody else for longer than {@code lock_timeout}. */
  static final String LOCK_NOT_AVAILABLE = "55P03";

  /** Two waited for each other, and this one was chosen to give up. */
  static final String DEADLOCK = "40P01";

  /** The user may not do that. */
  static final String INSUFFICIENT_PRIVILEGE = "42501";

  private SqlState() {}

  /**
   * @return five characters, of which the first two are the class; null if no database spoke
   */
  public static @Nullable String of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return null;
  }
}

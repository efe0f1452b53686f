package io.aiopslab.tasks.store;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;

/** Tells a database that is away from a statement that will never work. */
public final class Outages {
  /**
   * PostgreSQL's classes of SQLSTATE that another try can cure: connection, rollback (deadlock),
   * resources, operator intervention, system error.
   */
  private static final Set<String> PASSING = Set.of("08", "40", "53", "57", "58");

  private Outages() {}

  /**
   * @return whether the same work may succeed later
   */
  public static boolean isOutage(Throwable thrown) {
    for (@Nullable Throwable e = thrown; e != null; e = e.getCause()) {
      if (e instanceof DataAccessResourceFailureException
          || e instanceof RecoverableDataAccessException
          || e instanceof TransientDataAccessException
          || e instanceof CannotCreateTransactionException
          || (e instanceof SQLException sql && isPassing(sql.getSQLState()))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPassing(@Nullable String sqlState) {
    return sqlState != null && sqlState.length() >= 2 && PASSING.contains(sqlState.substring(0, 2));
  }
}

package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.store.SqlState;
import java.util.Set;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Whether a failure lies in the message itself, so that no later try can succeed. Everything else,
 * a lost connection, a deadlock, a missing table, is the world's fault and passes.
 */
final class PoisonVerdict {
  /** SQLSTATE classes: data exception, integrity constraint, check option, program limit. */
  private static final Set<String> OF_THE_DATA = Set.of("22", "23", "44", "54");

  private PoisonVerdict() {}

  static boolean isPoison(RuntimeException failure) {
    String state = SqlState.of(failure);
    if (state != null) {
      return state.length() == 5 && OF_THE_DATA.contains(state.substring(0, 2));
    }
    return !(failure instanceof DataAccessException || failure instanceof TransactionException);
  }

  /** The database's own words, on one line. */
  static String reason(RuntimeException failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return "cannot be stored: " + String.valueOf(cause.getMessage()).replaceAll("\\s+", " ");
  }
}

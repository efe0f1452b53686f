package io.aiopslab.tasks.store;

import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Reads that may have to look at many rows. PostgreSQL ends them before the connection is given up
 * for lost, which {@link DatabaseLimits} lets task-api do after 1600 ms.
 */
@Component
class BoundedReads {
  /**
   * Besides the limit, keeps to indexes: their pages are in memory, and left alone PostgreSQL would
   * look through all rows before it comes to those of a filter that are not the oldest.
   */
  private static final String SETTINGS =
      """
      SET LOCAL statement_timeout = '1300ms';
      SET LOCAL lock_timeout = 0;
      SET LOCAL enable_seqscan = off;
      SET LOCAL random_page_cost = 1
      """;

  private static final String QUERY_CANCELED = "57014";

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;

  BoundedReads(JdbcClient jdbc, PlatformTransactionManager transactions) {
    this.jdbc = jdbc;
    this.transaction = new TransactionTemplate(transactions);
    this.transaction.setReadOnly(true);
  }

  /**
   * @throws TooSlowException if a query of {@code reading} takes too long
   */
  <T> T read(Supplier<T> reading) {
    try {
      return Objects.requireNonNull(
          transaction.execute(
              open -> {
                jdbc.sql(SETTINGS).update();
                return reading.get();
              }));
    } catch (DataAccessException e) {
      if (QUERY_CANCELED.equals(SqlState.of(e))) {
        throw new TooSlowException(e);
      }
      throw e;
    }
  }
}

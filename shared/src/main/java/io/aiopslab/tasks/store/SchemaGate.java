package io.aiopslab.tasks.store;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Lets a service wait until the one that migrates (task-api, or the standalone) has brought the
 * schema to the version that this build needs.
 */
@Component
public class SchemaGate {
  /** Id of the newest changeset; a test compares it with the changelog. */
  static final String NEWEST_CHANGESET = "030-whole-trajectory";

  /**
   * How many there are with it. One with a lower number may have been added later than the newest,
   * and be missing in a database that has the newest.
   */
  static final int CHANGESETS = 38;

  private static final String ARE_THERE =
      """
      SELECT count(*) >= :changesets AND count(*) FILTER (WHERE id = :newest) > 0
      FROM databasechangelog
      """;

  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final Logger log = LoggerFactory.getLogger(SchemaGate.class);

  private final JdbcClient jdbc;

  SchemaGate(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What can be seen of the schema. */
  enum Sight {
    CURRENT,
    /** Missing, or older than this build. */
    OLDER,
    /** The database does not answer. */
    NONE
  }

  public boolean isOpen() {
    return look() == Sight.CURRENT;
  }

  Sight look() {
    try {
      return jdbc.sql(ARE_THERE)
              .param("changesets", CHANGESETS)
              .param("newest", NEWEST_CHANGESET)
              .query(Boolean.class)
              .single()
          ? Sight.CURRENT
          : Sight.OLDER;
    } catch (BadSqlGrammarException e) {
      return Sight.OLDER; // nobody has ever migrated
    } catch (DataAccessException e) {
      log.debug("The schema cannot be seen now", e);
      return Sight.NONE;
    }
  }

  /** Blocks until the schema is there, saying every ten seconds what it waits for. */
  public void await() throws InterruptedException {
    for (int tries = 0; !isOpen(); tries++) {
      if (tries % 20 == 0) {
        log.info(
            "Waiting for schema version {}: start task-api, which migrates, and check that"
                + " spring.datasource.url names the same database",
            NEWEST_CHANGESET);
      }
      Thread.sleep(INTERVAL.toMillis());
    }
  }
}

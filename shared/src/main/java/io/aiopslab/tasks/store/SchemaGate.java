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
  static final String NEWEST_CHANGESET = "037-unnoted-tickets";

  /**
   * How many there are with it. One with a lower number may have been added later than the newest,
   * and be missing in a database that has the newest.
   */
  static final int CHANGESETS = 53;

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
    CURRENT(""),
    /** Missing, or older than this build. */
    OLDER(
        "the schema is missing or older than this build: start task-api of this version, which"
            + " migrates it, and check that spring.datasource.url names the same database"),
    /** The database answers, and this user may not look. */
    FORBIDDEN(
        "this user of PostgreSQL may not read the schema's version: give it its rights with"
            + " infra/postgres/roles.sql, or check spring.datasource.username"),
    /** The database does not answer. */
    NONE(
        "PostgreSQL does not answer: see that it runs, and that spring.datasource.url, username"
            + " and password are right; nothing has to be restarted here");

    private final String advice;

    Sight(String advice) {
      this.advice = advice;
    }

    /** What is wrong and what to do; empty if nothing is. */
    String advice() {
      return advice;
    }
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
      return SqlState.INSUFFICIENT_PRIVILEGE.equals(SqlState.of(e))
          ? Sight.FORBIDDEN
          : Sight.OLDER; // nobody has ever migrated
    } catch (DataAccessException e) {
      log.debug("The schema cannot be seen now", e);
      return Sight.NONE;
    }
  }

  /** Blocks until the schema is there, saying every ten seconds what it waits for. */
  public void await() throws InterruptedException {
    Sight sight = look();
    for (int tries = 0; sight != Sight.CURRENT; tries++) {
      if (tries % 20 == 0) {
        log.info("Waiting for schema version {}: {}", NEWEST_CHANGESET, sight.advice());
      }
      Thread.sleep(INTERVAL.toMillis());
      sight = look();
    }
  }
}

package io.aiopslab.tasks.store;

import java.time.Duration;
import java.util.Set;
import liquibase.exception.LiquibaseException;
import liquibase.integration.spring.SpringLiquibase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A migration that could not get a lock in time ({@link MigrationTurn#LIMITS}) is begun again, once
 * those who waited behind it have had their turn. What has been applied stays; the changeset that
 * was cut off is undone, so each must be safe to begin again.
 */
final class RepeatMigration extends SpringLiquibase {
  private static final Logger log = LoggerFactory.getLogger(RepeatMigration.class);
  private static final Set<String> IN_THE_WAY =
      Set.of(SqlState.LOCK_NOT_AVAILABLE, SqlState.DEADLOCK);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final SpringLiquibase migration;

  RepeatMigration(SpringLiquibase migration) {
    this.migration = migration;
    setDataSource(migration.getDataSource());
  }

  /**
   * @throws LiquibaseException if a changeset fails for another reason, or the locks cannot be had
   *     within an hour
   */
  @Override
  public void afterPropertiesSet() throws LiquibaseException {
    long begin = System.nanoTime();
    while (!isApplied(begin)) {
      pause();
    }
  }

  private boolean isApplied(long begin) throws LiquibaseException {
    try {
      migration.afterPropertiesSet();
      return true;
    } catch (LiquibaseException e) {
      String state = SqlState.of(e);
      if (state == null || !IN_THE_WAY.contains(state)) {
        throw e;
      }
      if (System.nanoTime() - begin > MigrationTurn.LONGEST_WAIT.toNanos()) {
        throw new LiquibaseException(
            "After %s of tries others still hold what the migration has to lock: see who does with SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start, end that with SELECT pg_terminate_backend(pid), and start this service again"
                .formatted(MigrationTurn.LONGEST_WAIT),
            e);
      }
      log.info(
          "The migration gives way to those who hold what it has to lock, and tries again: {}",
          e.getMessage());
      return false;
    }
  }

  private static void pause() throws LiquibaseException {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LiquibaseException("stopped while waiting to migrate the schema", e);
    }
  }
}

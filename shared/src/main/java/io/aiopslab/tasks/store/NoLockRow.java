package io.aiopslab.tasks.store;

import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.lockservice.OfflineLockService;

/**
 * Takes the place of Liquibase's own lock, which does nothing more here: {@link MigrationTurn} has
 * the lock already. Liquibase's is a row, which a holder that was killed leaves behind and every
 * later start would wait for. Found by {@code META-INF/services}.
 */
public final class NoLockRow extends OfflineLockService {
  @Override
  public int getPriority() {
    return PRIORITY_DATABASE;
  }

  @Override
  public boolean supports(Database database) {
    return database instanceof PostgresDatabase;
  }
}

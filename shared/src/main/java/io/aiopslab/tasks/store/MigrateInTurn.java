package io.aiopslab.tasks.store;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Objects;
import javax.sql.DataSource;
import liquibase.integration.spring.SpringLiquibase;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/** Sees to it that no two services migrate one database at a time, and that migrations give way. */
@Component
class MigrateInTurn implements BeanPostProcessor {
  @Override
  public Object postProcessBeforeInitialization(Object bean, String name) {
    if (bean instanceof SpringLiquibase liquibase) {
      liquibase.setDataSource(new MigrationTurn(unpooled(liquibase.getDataSource())));
      return new RepeatMigration(liquibase);
    }
    return bean;
  }

  /** The lock ends with its connection, so that must be one that is really closed. */
  private static DataSource unpooled(DataSource source) {
    return source instanceof HikariDataSource pool
        ? Objects.requireNonNullElse(pool.getDataSource(), source)
        : source;
  }
}

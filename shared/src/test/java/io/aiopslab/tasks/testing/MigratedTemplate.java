package io.aiopslab.tasks.testing;

import io.aiopslab.tasks.testing.TestDatabase.OnSharedServer;
import liquibase.exception.LiquibaseException;
import liquibase.integration.spring.SpringLiquibase;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.DefaultResourceLoader;

/**
 * A database that has been migrated once and is then only copied: once a JVM, or once for all that
 * are told its name by {@value #NAME}.
 */
final class MigratedTemplate {
  static final String NAME = "AIOPSLAB_TEST_DB_TEMPLATE";

  private static @Nullable OnSharedServer template;

  private MigratedTemplate() {}

  static synchronized String name() {
    String made = System.getenv(NAME);
    if (made != null) {
      return made;
    }
    if (template == null) {
      OnSharedServer fresh = (OnSharedServer) TestDatabase.create();
      Runtime.getRuntime().addShutdownHook(new Thread(fresh::close));
      migrate(fresh);
      template = fresh;
    }
    return template.name;
  }

  private static void migrate(TestDatabase database) {
    SpringLiquibase liquibase = new SpringLiquibase();
    liquibase.setDataSource(database.dataSource());
    liquibase.setResourceLoader(new DefaultResourceLoader());
    liquibase.setChangeLog("classpath:db/changelog/db.changelog-master.yaml");
    try {
      liquibase.afterPropertiesSet();
    } catch (LiquibaseException e) {
      throw new IllegalStateException("the schema cannot be made", e);
    }
  }
}

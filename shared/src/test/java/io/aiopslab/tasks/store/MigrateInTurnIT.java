package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.simple.JdbcClient;

class MigrateInTurnIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String WAITING =
      "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
          + " AND query LIKE '%pg_try_advisory_lock%'";

  private static final String WAITING_FOR_A_LOCK =
      "SELECT pid FROM pg_stat_activity"
          + " WHERE datname = current_database() AND wait_event_type = 'Lock'";

  private final TestDatabase database = TestDatabase.create();
  private final JdbcClient sql = JdbcClient.create(database.dataSource());
  private final ExecutorService services = Executors.newFixedThreadPool(3);

  @AfterEach
  void close() {
    services.shutdownNow();
    database.close();
  }

  @Test
  void severalAtOnceOnAnEmptyDatabaseAllComeUp() throws Exception {
    Callable<Boolean> service = this::migrate;
    for (Future<Boolean> each :
        services.invokeAll(IntStream.range(0, 3).mapToObj(i -> service).toList())) {
      assertThat(each.get()).isTrue();
    }
    assertThat(new SchemaGate(sql).isOpen()).isTrue();
  }

  @Test
  void aRowThatADeadHolderLeftIsNoLock() throws Exception {
    for (String statement :
        List.of(
            "CREATE TABLE databasechangeloglock (id integer PRIMARY KEY, locked boolean NOT NULL,"
                + " lockgranted timestamp, lockedby varchar(255))",
            "INSERT INTO databasechangeloglock VALUES (1, true, now(), 'a host that is gone')")) {
      sql.sql(statement).update();
    }
    long begin = System.nanoTime();
    assertThat(migrate()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void aLiveHolderIsWaitedForAndADeadOneIsNot() throws Exception {
    Future<Boolean> second;
    try (Connection first = database.dataSource().getConnection();
        Statement statement = first.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(" + MigrationTurn.KEY + ")");
      second = services.submit(this::migrate);
      // It says who holds the lock once it has seen that somebody does.
      await().atMost(PATIENCE).until(() -> second.isDone() || count(WAITING) > 0);
      assertThat(second.isDone()).isFalse();
      assertThat(new SchemaGate(sql).isOpen()).isFalse();
      int pid =
          sql.sql(
                  "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)"
                      + " WHERE locktype = 'advisory' AND datname = current_database()")
              .query(Integer.class)
              .single();
      sql.sql("SELECT pg_terminate_backend(" + pid + ")").query(Boolean.class).single();
    }
    assertThat(second.get()).isTrue();
    assertThat(new SchemaGate(sql).isOpen()).isTrue();
  }

  /** Who waits for a lock makes everybody wait behind it; so no try waits for long. */
  @Test
  void whoHoldsWhatIsToBeLockedIsGivenWayTo() throws Exception {
    Future<Boolean> migration;
    try (Connection inTheWay = database.dataSource().getConnection();
        Statement statement = inTheWay.createStatement()) {
      inTheWay.setAutoCommit(false);
      statement.execute("CREATE TABLE tasks (in_the_way int)");
      migration = services.submit(this::migrate);
      Set<Integer> tries = new HashSet<>();
      await("tries on connections of their own")
          .atMost(PATIENCE)
          .until(
              () -> {
                tries.addAll(sql.sql(WAITING_FOR_A_LOCK).query(Integer.class).list());
                return migration.isDone() || tries.size() >= 3;
              });
      assertThat(migration.isDone()).isFalse();
      inTheWay.rollback();
    }
    assertThat(migration.get()).isTrue();
    assertThat(new SchemaGate(sql).isOpen()).isTrue();
  }

  private boolean migrate() throws Exception {
    SpringLiquibase liquibase = new SpringLiquibase();
    liquibase.setDataSource(database.dataSource());
    liquibase.setResourceLoader(new DefaultResourceLoader());
    liquibase.setChangeLog("classpath:db/changelog/db.changelog-master.yaml");
    ((InitializingBean) new MigrateInTurn().postProcessBeforeInitialization(liquibase, "liquibase"))
        .afterPropertiesSet();
    return true;
  }

  private long count(String query) {
    return sql.sql("SELECT count(*) FROM " + query).query(Long.class).single();
  }
}

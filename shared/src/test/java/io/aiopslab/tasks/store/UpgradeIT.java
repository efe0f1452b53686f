package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.integration.spring.SpringLiquibase;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A filled database goes from the schema before the rules of migrations to today's, while tasks are
 * submitted and claimed in the older version's words.
 */
@Tag("thorough")
class UpgradeIT {
  private static final String CHANGELOG = "db/changelog/db.changelog-master.yaml";

  /** Those up to file 030. */
  private static final int CHANGESETS_BEFORE = 41;

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int ENDED = Integer.getInteger("upgrade.tasks", 300_000);
  private static final int PENDING = 20_000;

  private static final String FILL =
      """
      SET session_replication_role = replica;
      ALTER TABLE tasks ALTER priority SET DEFAULT 5, ALTER max_steps SET DEFAULT 30,
        ALTER timeout_minutes SET DEFAULT 30, ALTER agent_config SET DEFAULT '{}',
        ALTER metadata SET DEFAULT '{}';
      INSERT INTO tasks (id, problem_id, backend_type, status, session_id, worker_id, started_at,
                         deadline_at, completed_at, changed_by)
        SELECT first_uuid_at(now() - make_interval(secs => n)), 'p' || n %% 90, 'filled', 'completed',
               gen_random_uuid(), 'w', now(), now(), now(), 'test'
        FROM generate_series(1, %1$d) n;
      INSERT INTO task_transitions (task_id, from_status, to_status, at, changed_by)
        SELECT id, NULL, s.status, now(), 'test'
        FROM tasks, unnest(ARRAY['pending', 'running', 'completed']) AS s (status);
      INSERT INTO tasks (id, problem_id, backend_type, changed_by)
        SELECT first_uuid_at(now() + make_interval(secs => n)), 'p' || n %% 90, 'filled', 'test'
        FROM generate_series(1, %2$d) n;
      SET session_replication_role = DEFAULT;
      """;

  private static final String SLOWLY_VACUUMED =
      """
      ALTER TABLE tasks SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
                             autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
      SET session_replication_role = replica;
      UPDATE tasks SET updated_at = now()
      """;

  private static final String VACUUMS =
      "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'tasks'::regclass";

  private static final String SUBMIT =
      "INSERT INTO tasks (id, problem_id, backend_type, changed_by) VALUES (?, 'p', 'busy', 'test')";

  private static final String CLAIM =
      """
      UPDATE tasks SET status = 'running', session_id = gen_random_uuid(), worker_id = 'w',
                       started_at = now(), deadline_at = now() + interval '1 hour',
                       changed_by = 'test'
      WHERE id = (SELECT id FROM tasks WHERE status = 'pending' AND backend_type = 'busy'
                  ORDER BY priority DESC, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
      """;

  private final TestDatabase database = TestDatabase.create();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger submitted = new AtomicInteger();
  private final AtomicLong slowestNanos = new AtomicLong();

  @AfterEach
  void close() {
    over.set(true);
    threads.shutdownNow();
    database.close();
  }

  @Test
  void aFilledDatabaseIsUpgradedWhileItIsUsed() throws Exception {
    migrateTo(database, CHANGESETS_BEFORE);
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(FILL.formatted(ENDED, PENDING));
      statement.execute("ANALYZE");
    }
    Future<Integer> users = threads.submit(this::use);
    long begin = System.nanoTime();
    migrate(database);
    long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
    over.set(true);
    int claimed = users.get();
    System.out.printf(
        "%d ended and %d pending tasks upgraded in %d ms; meanwhile %d submitted, %d claimed, the"
            + " slowest statement took %d ms%n",
        ENDED,
        PENDING,
        millis,
        submitted.get(),
        claimed,
        Duration.ofNanos(slowestNanos.get()).toMillis());

    JdbcClient sql = JdbcClient.create(database.dataSource());
    assertThat(new SchemaGate(sql).isOpen()).isTrue();
    assertThat(submitted.get()).isPositive();
    assertThat(claimed).isEqualTo(submitted.get());
    assertThat(sql.sql("SELECT count(*) FROM tasks").query(Integer.class).single())
        .isEqualTo(ENDED + PENDING + submitted.get());
    assertThat(
            sql.sql("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
                .query(Integer.class)
                .single())
        .isZero();
  }

  /** Left alone it would take minutes; who waits for it longer than a second ends it. */
  @Test
  void anAutomaticVacuumDoesNotKeepAMigrationAway() throws Exception {
    try (TestDatabase own = TestDatabase.startPrivate()) {
      JdbcClient sql = JdbcClient.create(own.dataSource());
      sql.sql("ALTER SYSTEM SET autovacuum_naptime = '1s'").update();
      sql.sql("SELECT pg_reload_conf()").query(Boolean.class).single();
      migrateTo(own, CHANGESETS_BEFORE);
      try (Connection connection = own.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(FILL.formatted(50_000, 10));
        statement.execute(SLOWLY_VACUUMED);
      }
      await("an automatic vacuum")
          .atMost(PATIENCE)
          .until(() -> sql.sql(VACUUMS).query(Integer.class).single() > 0);
      Future<?> migration =
          threads.submit(
              () -> {
                migrate(own);
                return null;
              });
      migration.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(new SchemaGate(sql).isOpen()).isTrue();
    }
  }

  /** With the limits of a service's connections: a statement that waits for a lock longer fails. */
  private int use() throws SQLException {
    int claimed = 0;
    try (Connection connection = database.dataSource().getConnection();
        var submit = connection.prepareStatement(SUBMIT);
        var claim = connection.prepareStatement(CLAIM);
        Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = '1500ms'");
      while (!over.get()) {
        long begin = System.nanoTime();
        submit.setObject(1, UUID.randomUUID());
        submitted.addAndGet(submit.executeUpdate());
        claimed += claim.executeUpdate();
        slowestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
      }
    }
    return claimed;
  }

  private static void migrateTo(TestDatabase database, int changesets) throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        Liquibase liquibase =
            new Liquibase(
                CHANGELOG,
                new ClassLoaderResourceAccessor(),
                DatabaseFactory.getInstance()
                    .findCorrectDatabaseImplementation(new JdbcConnection(connection)))) {
      liquibase.update(changesets, new Contexts(), new liquibase.LabelExpression());
    }
  }

  private static void migrate(TestDatabase database) throws Exception {
    SpringLiquibase liquibase = new SpringLiquibase();
    liquibase.setDataSource(database.dataSource());
    liquibase.setResourceLoader(new DefaultResourceLoader());
    liquibase.setChangeLog("classpath:" + CHANGELOG);
    ((InitializingBean) new MigrateInTurn().postProcessBeforeInitialization(liquibase, "liquibase"))
        .afterPropertiesSet();
  }
}

package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.testing.PrivateDatabase;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Backup and restore as {@code infra/postgres/README.md} walks through them. */
@Tag("thorough")
class BackupIT {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final int CLIENTS = 3;

  /** Everything of the schema that is not a row: a line each, the same in a faithful copy. */
  private static final String SCHEMA =
      """
      SELECT 'trigger ' || tgrelid::regclass || ' ' || tgenabled::text || ' ' || pg_get_triggerdef(oid)
      FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL
      SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
      UNION ALL
      SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL
      SELECT 'policy ' || tablename || ' ' || policyname || ' ' || roles::text || ' ' || cmd
             || ' ' || coalesce(qual, '-') || ' ' || coalesce(with_check, '-') FROM pg_policies
      UNION ALL
      SELECT 'relation ' || c.relname || ' ' || relkind::text || ' ' || relrowsecurity || ' '
             || pg_get_userbyid(relowner) || ' ' || coalesce(reloptions::text, '-') || ' '
             || coalesce(pg_get_expr(relpartbound, c.oid), '-') || ' '
             || (SELECT string_agg(one::text, ',' ORDER BY one::text)
                 FROM unnest(coalesce(relacl, acldefault(
                   CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, relowner))) AS one)
      FROM pg_class c WHERE relnamespace = 'public'::regnamespace
      UNION ALL
      SELECT 'column ' || attrelid::regclass || ' ' || attname || ' ' || atttypid::regtype || ' '
             || attnotnull || ' ' || coalesce(attacl::text, '-')
      FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
        AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
      UNION ALL
      SELECT 'function ' || oid::regprocedure || ' ' || prosecdef || ' ' || md5(prosrc) || ' '
             || coalesce(proacl::text, '-') || ' ' || coalesce(proconfig::text, '-')
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      ORDER BY 1
      """;

  /** An ended task is in the feed or waits for it; the positions have no hole. */
  private static final String FEED_IS_SOUND =
      """
      SELECT (SELECT count(*) = coalesce(max(position), 0) FROM trajectory_feed)
        AND NOT EXISTS (SELECT FROM tasks t
                        WHERE t.status NOT IN ('pending', 'running')
                          AND NOT EXISTS (SELECT FROM trajectory_feed f WHERE f.task_id = t.id)
                          AND NOT EXISTS (SELECT FROM trajectory_queue q WHERE q.task_id = t.id))
        AND NOT EXISTS (SELECT FROM trajectory_feed f JOIN tasks t ON t.id = f.task_id
                        WHERE t.status IN ('pending', 'running'))
      """;

  private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean enough = new AtomicBoolean();

  @TempDir Path before;
  @TempDir Path after;

  @Test
  void aDumpOfALiveDatabaseIsRestoredIntoANewServerAndTheServiceGoesOnFromThere()
      throws IOException {
    Path dump = before.resolve("aiopslab.dump");
    Set<String> safe;
    List<String> schema;
    String unfinished;
    List<String> toRun;
    try (GuardedSystem old = GuardedSystem.start(before)) {
      TaskClient client = new TaskClient(old.url());
      unfinished = client.submit(task("long", 60_000));
      client.awaitStatus(unfinished, "running");
      toRun = Stream.generate(() -> client.submit(task("default", 0))).limit(12).toList();
      client.awaitEnd(toRun.get(2), LONG);
      await("the feed").atMost(LONG).until(() -> fedIn(old.database()) > 0);
      safe = dumpUnderLoad(old, dump);
      schema = schemaOf(old.database());
      Files.writeString(before.resolve("roles.sql"), old.dumpRoles());
    }

    PrivateDatabase restored = TestDatabase.startPrivate();
    restore(restored, before.resolve("roles.sql"), dump);
    JdbcClient sql = JdbcClient.create(restored.dataSource());
    assertThat(schemaOf(sql)).isEqualTo(schema);
    assertThat(ids(sql, "true")).containsAll(safe).containsAll(toRun);
    assertThat(ids(sql, "status = 'running'")).contains(unfinished);
    assertThat(sql.sql(FEED_IS_SOUND).query(Boolean.class).single()).isTrue();
    assertThat(fedIn(sql)).isPositive();

    try (GuardedSystem system = GuardedSystem.start(after, restored, quickSweeps())) {
      TaskClient client = new TaskClient(system.url());
      for (String id : toRun) {
        assertThat(client.awaitEnd(id, LONG).path("status").asString()).isIn("completed", "failed");
      }
      assertThat(ids(sql, "status = 'completed'")).hasSizeGreaterThan(8);
      assertThat(client.awaitEnd(unfinished, LONG).path("failure_code").asString())
          .isEqualTo("worker_lost");
      assertThat(ids(sql, "status = 'pending'")).containsAll(safe);
      String fresh = client.submit(task("default", 0));
      assertThat(client.awaitEnd(fresh, LONG).path("status").asString()).isEqualTo("completed");
      await("every end is in the feed, behind what was there")
          .atMost(LONG)
          .until(() -> fedIn(sql) == toRun.size() + 2);
      assertThat(sql.sql(FEED_IS_SOUND).query(Boolean.class).single()).isTrue();
      assertThat(system.logs()).doesNotContain("permission denied", "row-level security");
    }
  }

  /** Returns the tasks of the load that were acknowledged before the dump began. */
  private Set<String> dumpUnderLoad(GuardedSystem system, Path dump) {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      for (int i = 0; i < CLIENTS; i++) {
        clients.execute(() -> submitUntilItIsEnough(system));
      }
      await("load").atMost(LONG).until(() -> acknowledged.size() >= 100);
      Set<String> safe = Set.copyOf(acknowledged);
      system.dump(dump);
      assertThat(acknowledged).as("the load went on").hasSizeGreaterThan(safe.size());
      return safe;
    } finally {
      enough.set(true);
      clients.shutdown();
      boolean unused = awaitEnd(clients);
    }
  }

  private void submitUntilItIsEnough(GuardedSystem system) {
    TaskClient client = new TaskClient(system.url());
    while (!enough.get()) {
      acknowledged.add(client.submit(task("nobody", 0)));
    }
  }

  private static void restore(PrivateDatabase server, Path roles, Path dump) {
    server.run("psql", "--file=" + roles);
    server.run("pg_restore", "--exit-on-error", "--dbname=postgres", dump.toString());
  }

  private static Map<String, String> quickSweeps() {
    return Map.of(
        "AIOPSLAB_COLLECTOR_LOSTWORKERAFTER", "6s",
        "AIOPSLAB_COLLECTOR_SETTLE", "3s",
        "AIOPSLAB_COLLECTOR_SWEEPINTERVAL", "500ms");
  }

  private static String task(String backend, int delayMillis) {
    return """
    {"problem_id": "noop_detection_hotel_reservation-1", "backend_type": "%s",
     "agent_config": {"agent": "scripted", "delay_ms": %d,
                      "actions": ["get_logs()", "get_logs()", "submit(\\"No\\")"]}}
    """
        .formatted(backend, delayMillis);
  }

  private static long fedIn(JdbcClient sql) {
    return sql.sql("SELECT count(*) FROM trajectory_feed").query(Long.class).single();
  }

  private static List<String> schemaOf(JdbcClient sql) {
    return sql.sql(SCHEMA).query(String.class).list();
  }

  private static Set<String> ids(JdbcClient sql, String condition) {
    return sql
        .sql("SELECT id::text FROM tasks WHERE " + condition)
        .query(String.class)
        .list()
        .stream()
        .collect(Collectors.toSet());
  }

  private static boolean awaitEnd(ExecutorService clients) {
    try {
      return clients.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

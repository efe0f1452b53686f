package io.aiopslab.tasks.store;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Worker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The whole store edge on a fresh database, and the shortest way to a task in each state. */
final class Store implements AutoCloseable {
  static final String BACKEND = "default";
  static final String WORKER = "kind-1";

  final TestDatabase database = TestDatabase.createMigrated();
  private final DataSource source = database.dataSource();
  private final JdbcTransactionManager transactions = new JdbcTransactionManager(source);
  private final JdbcTemplate template = new JdbcTemplate(source);
  final JdbcClient sql = JdbcClient.create(template);
  final TaskSubmissions submissions = new TaskSubmissions(sql);
  final TaskClaims claims = new TaskClaims(sql);
  final TaskEndings endings = new TaskEndings(sql);
  final TaskCancels cancels = new TaskCancels(sql);
  final BulkCancels bulkCancels = new BulkCancels(sql);
  final TaskQueries queries = new TaskQueries(sql);
  final TaskListing listing = new TaskListing(sql, new BoundedReads(sql, transactions));
  final Tickets tickets = new Tickets(sql);
  final TaskLogs logs = new TaskLogs(template, sql);
  final TaskSteps steps = new TaskSteps(template, sql);
  final TaskResults results = new TaskResults(sql);
  final RunProgress progress = new RunProgress(template, sql);
  final RunSessions sessions = new RunSessions(sql);
  final Evidence evidence = new Evidence(sql);
  final DeadLetters letters = new DeadLetters(sql, new BoundedReads(sql, transactions));
  final DeadLetterRequeues requeues = new DeadLetterRequeues(sql);
  final Workers workers = new Workers(sql, new NamedParameterJdbcTemplate(template));
  final CallbackDeliveries callbacks = new CallbackDeliveries(sql);
  final CallbackAttempts callbackAttempts = new CallbackAttempts(sql);
  final RunBriefings briefings = new RunBriefings(template, sql);
  final TrajectoryFeed feed = new TrajectoryFeed(sql, new BoundedReads(sql, transactions));
  final BackendControls backends = new BackendControls(sql, new TransactionTemplate(transactions));
  final SchemaGate gate = new SchemaGate(sql);

  static TaskSpec spec(String backendType, int priority) {
    return new TaskSpec(
        "noop_detection_hotel_reservation-1",
        backendType,
        priority,
        30,
        30,
        Json.mapper().createObjectNode(),
        Json.mapper().createObjectNode(),
        null);
  }

  Task pending() {
    return submissions.submit(spec(BACKEND, TaskSpec.DEFAULT_PRIORITY));
  }

  /** Of that worker, in a new session. */
  Task running(String workerId) {
    Task task = pending();
    return claims
        .claim(workerId, BACKEND, UUID.randomUUID())
        .filter(claimed -> claimed.id().equals(task.id()))
        .orElseThrow(() -> new IllegalStateException("another task was pending"));
  }

  Task running() {
    return running(WORKER);
  }

  Task completed() {
    Task task = running();
    endings.finish(task.id(), session(task), TaskStatus.COMPLETED, null, null);
    return task(task.id());
  }

  Task task(UUID id) {
    return queries.find(id).orElseThrow();
  }

  static UUID session(Task task) {
    Task.Run run = task.run();
    if (run == null) {
      throw new IllegalStateException("not claimed yet: " + task.id());
    }
    return run.sessionId();
  }

  static Worker worker(String id) {
    return new Worker(
        id,
        BACKEND,
        UUID.randomUUID(),
        Json.mapper().createObjectNode().put("max_parallel_tasks", 1),
        Json.mapper().createObjectNode());
  }

  /** Lets time pass for a column of timestamps of one row. */
  void age(String table, String column, Object id, String interval) {
    sql.sql(
            "UPDATE %s SET %s = now() - interval '%s' WHERE id = ?"
                .formatted(table, column, interval))
        .param(id)
        .update();
  }

  /**
   * How many rows of a table a query has looked at, those included that it left out.
   *
   * @param query bound to its parameters; a table that is small for the planner is read by its
   *     indexes all the same
   */
  long rowsRead(String table, String query, Map<String, ?> parameters) {
    set("enable_seqscan = off");
    String plan =
        sql.sql("EXPLAIN (ANALYZE, FORMAT JSON) " + query)
            .params(parameters)
            .query(String.class)
            .single();
    return Json.mapper().readTree(plan).findParents("Relation Name").stream()
        .filter(node -> node.path("Relation Name").asString().equals(table))
        .mapToLong(
            node ->
                (node.path("Actual Rows").asLong()
                        + node.path("Rows Removed by Filter").asLong()
                        + node.path("Rows Removed by Index Recheck").asLong())
                    * node.path("Actual Loops").asLong())
        .sum();
  }

  /** For every connection from here on. */
  void set(String setting) {
    String name = sql.sql("SELECT current_database()").query(String.class).single();
    sql.sql("ALTER DATABASE " + name + " SET " + setting).update();
  }

  /** A connection of the caller's own, for what has to stay open. */
  java.sql.Connection open() throws java.sql.SQLException {
    return database.dataSource().getConnection();
  }

  long count(String table) {
    return sql.sql("SELECT count(*) FROM " + table).query(Long.class).single();
  }

  @Override
  public void close() {
    database.close();
  }
}

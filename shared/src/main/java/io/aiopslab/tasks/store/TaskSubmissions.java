package io.aiopslab.tasks.store;

import com.github.f4b6a3.uuid.UuidCreator;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TraceParent;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** (none) → pending. What is returned is committed, unless a transaction is open. */
@Repository
public class TaskSubmissions {
  private static final String NEXT_TURN =
      Turns.next(":backendType", "CAST(:priority AS smallint)", ":queue");

  private static final String INSERT =
      """
      INSERT INTO tasks AS t (id, problem_id, backend_type, priority, max_steps, timeout_minutes,
                              agent_config, metadata, callback_url, queue, turn, traceparent,
                              changed_by)
      VALUES (:id, :problemId, :backendType, :priority, :maxSteps, :timeoutMinutes,
              CAST(:agentConfig AS jsonb), CAST(:metadata AS jsonb), :callbackUrl, :queue, %s,
              :trace, 'api')
      RETURNING %s
      """
          .formatted(NEXT_TURN, TaskRow.COLUMNS);

  private static final String INSERT_ALL =
      """
      WITH n AS MATERIALIZED (
        SELECT * FROM unnest(:ids, :problemIds, :backendTypes, CAST(:priorities AS smallint[]),
                             :maxSteps, :timeoutMinutes, :agentConfigs, :metadata, :callbackUrls,
                             :queues)
          WITH ORDINALITY
          AS n (id, problem_id, backend_type, priority, max_steps, timeout_minutes,
                agent_config, metadata, callback_url, queue, place)),
      lines AS MATERIALIZED (
        SELECT l.*, %s AS turn FROM (SELECT DISTINCT backend_type, priority, queue FROM n) l)
      INSERT INTO tasks AS t (id, problem_id, backend_type, priority, max_steps, timeout_minutes,
                              agent_config, metadata, callback_url, queue, turn, traceparent,
                              changed_by)
      SELECT n.id, n.problem_id, n.backend_type, n.priority, n.max_steps, n.timeout_minutes,
             CAST(n.agent_config AS jsonb), CAST(n.metadata AS jsonb), n.callback_url, n.queue,
             lines.turn - 1 + row_number() OVER (
               PARTITION BY n.backend_type, n.priority, n.queue ORDER BY n.place),
             CAST(:trace AS text), 'api'
      FROM n JOIN lines USING (backend_type, priority, queue)
      RETURNING %s
      """
          .formatted(Turns.next("l.backend_type", "l.priority", "l.queue"), TaskRow.COLUMNS);

  private static final String INSERT_SAMPLES =
      """
      INSERT INTO tasks AS t (id, problem_id, backend_type, priority, max_steps, timeout_minutes,
                              agent_config, metadata, callback_url, queue, turn, group_id,
                              sample_index, traceparent, changed_by)
      SELECT n.id, :problemId, :backendType, :priority, :maxSteps, :timeoutMinutes,
             CAST(:agentConfig AS jsonb) || jsonb_strip_nulls(jsonb_build_object('seed', n.seed)),
             CAST(:metadata AS jsonb), :callbackUrl, :queue, line.turn + n.position - 1, :groupId,
             n.position - 1, CAST(:trace AS text), 'api'
      FROM unnest(:ids, :seeds) WITH ORDINALITY AS n (id, seed, position),
        (SELECT %s AS turn) line
      RETURNING %s
      """
          .formatted(NEXT_TURN, TaskRow.COLUMNS);

  private static final String RETRY =
      """
      INSERT INTO tasks AS t (id, problem_id, backend_type, priority, max_steps, timeout_minutes,
                              agent_config, metadata, callback_url, queue, turn, retry_of, group_id,
                              sample_index, traceparent, changed_by)
      SELECT :id, o.problem_id, o.backend_type, o.priority, o.max_steps, o.timeout_minutes,
             o.agent_config, o.metadata, o.callback_url, o.queue, %s, o.id,
             CASE WHEN NOT usable THEN o.group_id END,
             CASE WHEN NOT usable THEN o.sample_index END,
             CAST(:trace AS text), 'api'
      FROM tasks o
        LEFT JOIN task_results r ON r.task_id = o.id,
        LATERAL (SELECT o.status = 'completed' AND r.reward IS NOT NULL AS usable) u
      WHERE o.id = :original AND o.status IN ('completed', 'failed', 'cancelled')
      ON CONFLICT (retry_of) WHERE group_id IS NOT NULL DO NOTHING
      RETURNING %s
      """
          .formatted(Turns.next("o.backend_type", "o.priority", "o.queue"), TaskRow.COLUMNS);

  private static final String NEXT_ATTEMPT =
      "SELECT id FROM tasks WHERE retry_of = :original AND group_id IS NOT NULL";

  private final JdbcClient jdbc;

  TaskSubmissions(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Ids of one process are in order of their making. */
  public static UUID nextId() {
    return UuidCreator.getTimeOrderedEpochPlus1();
  }

  public Task submit(TaskSpec spec) {
    return submit(nextId(), spec, null);
  }

  /**
   * @param id from {@link #nextId}
   * @param trace what the work on the task continues; null if nothing
   */
  public Task submit(UUID id, TaskSpec spec, @Nullable TraceParent trace) {
    return with(INSERT, spec, trace).param("id", id).query(TaskRow::read).single();
  }

  /**
   * The samples of a group that is there already, in one statement.
   *
   * @param ids from {@link #nextId}, in the order of the samples
   * @param seeds each sample's {@code agent_config.seed}, in that order; null if all have the
   *     spec's
   * @return in that order
   */
  public List<Task> submitSamples(
      UUID groupId,
      List<UUID> ids,
      TaskSpec spec,
      @Nullable List<Long> seeds,
      @Nullable TraceParent trace) {
    return with(INSERT_SAMPLES, spec, trace)
        .param("groupId", groupId)
        .param("seeds", seeds == null ? new Long[0] : seeds.toArray(Long[]::new))
        .param("ids", ids.toArray(UUID[]::new))
        .query(TaskRow::read)
        .list();
  }

  private JdbcClient.StatementSpec with(String insert, TaskSpec spec, @Nullable TraceParent trace) {
    return jdbc.sql(insert)
        .param("problemId", spec.problemId())
        .param("backendType", spec.backendType())
        .param("priority", spec.priority())
        .param("maxSteps", spec.maxSteps())
        .param("timeoutMinutes", spec.timeoutMinutes())
        .param("agentConfig", Columns.jsonb(spec.agentConfig()))
        .param("metadata", Columns.jsonb(spec.metadata()))
        .param("callbackUrl", spec.callbackUrl())
        .param("queue", queue(spec))
        .param("trace", header(trace));
  }

  /**
   * All or none, in one statement.
   *
   * @param ids from {@link #nextId}, one for each spec
   * @return in the order of the ids
   */
  public List<Task> submitAll(List<UUID> ids, List<TaskSpec> specs, @Nullable TraceParent trace) {
    Map<UUID, Task> inserted =
        jdbc
            .sql(INSERT_ALL)
            .param("ids", ids.toArray(UUID[]::new))
            .param("problemIds", column(specs, TaskSpec::problemId, String[]::new))
            .param("backendTypes", column(specs, TaskSpec::backendType, String[]::new))
            .param("priorities", column(specs, TaskSpec::priority, Integer[]::new))
            .param("maxSteps", column(specs, TaskSpec::maxSteps, Integer[]::new))
            .param("timeoutMinutes", column(specs, TaskSpec::timeoutMinutes, Integer[]::new))
            .param(
                "agentConfigs",
                column(specs, spec -> Columns.jsonb(spec.agentConfig()), String[]::new))
            .param("metadata", column(specs, spec -> Columns.jsonb(spec.metadata()), String[]::new))
            .param("callbackUrls", column(specs, TaskSpec::callbackUrl, String[]::new))
            .param("queues", column(specs, TaskSubmissions::queue, String[]::new))
            .param("trace", header(trace))
            .query(TaskRow::read)
            .list()
            .stream()
            .collect(Collectors.toMap(Task::id, Function.identity()));
    return ids.stream().map(inserted::get).toList();
  }

  /**
   * A pending task with the spec of one that has ended. It takes the place of a sample of a group,
   * unless that is usable: completed, with a reward.
   *
   * @param id from {@link #nextId}
   * @return empty if there is no such original, or it has not ended, or it is a sample whose place
   *     another retry has taken
   */
  public Optional<Task> retry(UUID id, UUID original, @Nullable TraceParent trace) {
    return jdbc.sql(RETRY)
        .param("id", id)
        .param("original", original)
        .param("trace", header(trace))
        .query(TaskRow::read)
        .optional();
  }

  /** The retry that has taken the place of a sample. */
  public UUID nextAttempt(UUID original) {
    return jdbc.sql(NEXT_ATTEMPT).param("original", original).query(UUID.class).single();
  }

  private static String queue(TaskSpec spec) {
    return Objects.requireNonNullElse(spec.queue(), "");
  }

  private static @Nullable String header(@Nullable TraceParent trace) {
    return trace == null ? null : trace.header();
  }

  private static <T> T[] column(
      List<TaskSpec> specs, Function<TaskSpec, ? extends Object> value, IntFunction<T[]> array) {
    Stream<Object> values = specs.stream().map(value);
    return values.toArray(array);
  }
}

package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aiopslab.tasks.api.RunningApi.Answer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class StatisticsIT {
  private static final String STATS = "/api/v1/tasks/stats";
  private static final String DAY =
      STATS + "?created_after=2020-01-01T00:00:00Z&created_before=2020-01-02T00:00:00Z";

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @BeforeAll
  static void start() {

    for (int i = 1; i <= 10; i++) {
      UUID task = started("p-a", "one", "worker-1", i);
      end(task, "completed", i * 60);
      result(task, i <= 8, i / 10.0);
    }
    end(started("p-b", "two", "worker-2", 0), "failed", 1000);
    started("p-b", "two", "worker-2", 5);
    submitted("p-b", "two", "2020-01-01T23:59:59.999999Z");
    submitted("p-b", "two", "2020-01-02T00:00:00Z");
    submitted("p-b", "two", "2019-12-31T23:59:59.999999Z");
  }

  @Test
  void figuresAreThoseOfTheSpan() {
    JsonNode stats = stats(DAY);
    assertThat(stats.get("created_after").stringValue()).isEqualTo("2020-01-01T00:00:00Z");
    assertThat(stats.get("created_before").stringValue()).isEqualTo("2020-01-02T00:00:00Z");
    assertThat(stats.get("total").intValue()).isEqualTo(13);
    assertThat(stats.get("by_status").toString())
        .isEqualTo("{\"pending\":1,\"running\":1,\"completed\":10,\"failed\":1,\"cancelled\":0}");
    assertThat(stats.get("by_problem").toString()).isEqualTo("{\"p-a\":10,\"p-b\":3}");
    assertThat(stats.get("by_worker").toString()).isEqualTo("{\"worker-1\":10,\"worker-2\":2}");
    assertThat(stats.get("by_backend").toString()).isEqualTo("{\"one\":10,\"two\":3}");
    assertThat(stats.get("graded").intValue()).isEqualTo(10);
    assertThat(stats.get("solved").intValue()).isEqualTo(8);
    assertThat(stats.get("success_rate").doubleValue()).isEqualTo(0.8);
    assertThat(stats.at("/reward/count").intValue()).isEqualTo(10);
    assertThat(stats.at("/reward/mean").doubleValue()).isCloseTo(0.55, within(1e-9));
    assertTimes(stats.get("run_seconds"), 11, 360, 600, 960);
    assertTimes(stats.get("wait_seconds"), 12, 5, 8.9, 9.89);
  }

  @Test
  void filtersNarrow() {
    assertThat(stats(DAY + "&problem_id=p-b").get("total").intValue()).isEqualTo(3);
    assertThat(stats(DAY + "&backend_type=one").get("total").intValue()).isEqualTo(10);
    JsonNode nothing = stats(DAY + "&problem_id=p-b&backend_type=one");
    assertThat(nothing.get("total").intValue()).isZero();
    assertThat(nothing.get("success_rate").isNull()).isTrue();
    assertThat(nothing.at("/reward/mean").isNull()).isTrue();
    assertThat(nothing.at("/run_seconds/p99").isNull()).isTrue();
  }

  @Test
  void spanIsTheLastDayUnlessGiven() {
    api.submit("{\"problem_id\":\"now\"}");
    JsonNode stats = stats(STATS + "?problem_id=now");
    assertThat(stats.get("total").intValue()).isEqualTo(1);
    assertThat(stats.at("/by_status/pending").intValue()).isEqualTo(1);
    assertThat(stats(STATS).at("/by_problem/p-a").isMissingNode()).isTrue();
    assertThat(stats(STATS + "?created_before=2020-01-02T00:00:00Z").get("total").intValue())
        .isEqualTo(13);
    assertThat(stats(STATS + "?created_after=0001-01-01T00:00:00Z").get("total").intValue())
        .isGreaterThan(14);
  }

  @Test
  void onlyTheMostFrequentAreNamed() {
    for (int i = 0; i < 120; i++) {
      submitted("rare-" + i, "rare", "2021-01-01T00:00:00Z");
    }
    submitted("rare-77", "rare", "2021-01-01T00:00:00Z");
    JsonNode names = stats(STATS + "?created_before=2021-01-01T12:00:00Z").get("by_problem");
    assertThat(names.size()).isEqualTo(100);
    assertThat(names.propertyNames().iterator().next()).isEqualTo("rare-77");
  }

  @Test
  void whatTakesTooLongIsGivenUp() throws SQLException {
    try (Connection rival = api.database().dataSource().getConnection();
        Statement lock = rival.createStatement()) {
      rival.setAutoCommit(false);
      lock.execute("LOCK TABLE task_results IN ACCESS EXCLUSIVE MODE");
      Answer answer = api.get(STATS);
      assertProblem(answer, 422);
      assertThat(answer.json().get("code").stringValue()).isEqualTo("query_too_slow");
      assertThat(answer.fields()).containsExactly("created_after", "created_before");
      assertThat(answer.header("Retry-After")).as("the next time it takes as long").isEmpty();
      rival.rollback();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"created_after=x", "created_before=1", "problem_id=", "status=failed", "limit=1"})
  void badParameterIsRefusedByName(String query) {
    Answer answer = api.get(STATS + "?" + query);
    assertProblem(answer, 400);
    assertThat(answer.fields()).containsExactly(query.substring(0, query.indexOf('=')));
  }

  private static void assertTimes(JsonNode times, int count, double p50, double p90, double p99) {
    assertThat(times.get("count").intValue()).isEqualTo(count);
    assertThat(times.get("p50").doubleValue()).isCloseTo(p50, within(1e-6));
    assertThat(times.get("p90").doubleValue()).isCloseTo(p90, within(1e-6));
    assertThat(times.get("p99").doubleValue()).isCloseTo(p99, within(1e-6));
  }

  private static JsonNode stats(String path) {
    Answer answer = api.get(path);
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    return answer.json();
  }

  private static UUID submitted(String problem, String backend, String at) {
    UUID id =
        api.sql()
            .queryForList(
                "SELECT CAST(left(CAST(first_uuid_at(CAST(? AS timestamptz)) AS text), 24)"
                    + " || right(CAST(gen_random_uuid() AS text), 12) AS uuid)",
                UUID.class,
                at)
            .get(0);
    api.sql()
        .update(
            "INSERT INTO tasks (id, problem_id, backend_type, priority, max_steps, timeout_minutes,"
                + " agent_config, metadata, changed_by, created_at)"
                + " VALUES (?, ?, ?, 5, 1, 1, '{}', '{}', 'test', CAST(? AS timestamptz))",
            id,
            problem,
            backend,
            at);
    return id;
  }

  private static UUID started(String problem, String backend, String worker, int waited) {
    UUID id = submitted(problem, backend, "2020-01-01T00:00:00Z");
    api.sql()
        .update(
            "UPDATE tasks SET status = 'running', session_id = gen_random_uuid(), worker_id = ?,"
                + " started_at = created_at + make_interval(secs => ?), deadline_at = now(),"
                + " changed_by = 'test' WHERE id = ?",
            worker,
            waited,
            id);
    return id;
  }

  private static void end(UUID id, String status, int ran) {
    String failure = status.equals("failed") ? "internal" : null;
    api.sql()
        .update(
            "UPDATE tasks SET status = ?, failure_code = ?, error_details = ?,"
                + " completed_at = started_at + make_interval(secs => ?), changed_by = 'test'"
                + " WHERE id = ?",
            status,
            failure,
            failure,
            ran,
            id);
  }

  private static void result(UUID id, @Nullable Boolean success, double reward) {
    api.sql()
        .update(
            "INSERT INTO task_results (task_id, session_id, success, reward, reward_components,"
                + " metrics, steps, log_lines, last_seq, finished_at) SELECT id, session_id, ?, ?,"
                + " '{}', '{}', 1, 0, 1, now() FROM tasks WHERE id = ?",
            success,
            reward,
            id);
  }
}

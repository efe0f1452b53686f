package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.TaskResult;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.JsonNode;

/**
 * The stored messages of a run, a column at a time and in bounded pieces: a trajectory can be
 * larger than what should be in memory.
 */
@Repository
public class TrajectoryParts {
  /** The first row comes whatever its size. */
  private static final int MOST_BYTES = 1 << 20;

  /** Of tokens, which take some ten times as much in memory as they do in the table. */
  private static final int MOST_TOKEN_BYTES = 1 << 18;

  private static final String CONTENTS =
      """
      SELECT index, role, content FROM (
        SELECT index, role, content,
               sum(octet_length(content)) OVER (ORDER BY index) - octet_length(content) AS before
        FROM (SELECT * FROM task_steps WHERE task_id = :taskId AND index > :after
              ORDER BY index LIMIT 100) s) sized
      WHERE before < :bytes ORDER BY index
      """;

  private static final String FACTS =
      """
      SELECT index, turn, role, model_ms, environment_ms, model, tokens IS NOT NULL AS has_tokens, at
      FROM (
        SELECT *, sum(coalesce(pg_column_size(model), 0)) OVER (ORDER BY index)
                  - coalesce(pg_column_size(model), 0) AS before
        FROM (SELECT * FROM task_steps WHERE task_id = :taskId AND index > :after
              ORDER BY index LIMIT 200) s) sized
      WHERE before < :bytes ORDER BY index
      """;

  /** Sizes as they are stored: to know them as text, all of them would have to be unpacked. */
  private static final String TOKENS =
      """
      SELECT index, tokens, logprobs FROM (
        SELECT index, tokens, logprobs, sum(size) OVER (ORDER BY index) - size AS before
        FROM (SELECT index, tokens, logprobs,
                     pg_column_size(tokens) + coalesce(pg_column_size(logprobs), 0) AS size
              FROM task_steps
              WHERE task_id = :taskId AND index > :after AND tokens IS NOT NULL
              ORDER BY index LIMIT 200) s) sized
      WHERE before < :bytes ORDER BY index
      """;

  private static final String STANDING =
      """
      SELECT has_whole_trajectory(:taskId) AS whole,
             (SELECT count(*) FROM task_results WHERE task_id = :taskId) AS results
      """;

  private final JdbcClient jdbc;

  TrajectoryParts(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What was said. */
  public record Content(int index, String role, String content) {}

  /**
   * What is known of it besides.
   *
   * @param hasTokens whether {@link #tokens} has any
   */
  public record Facts(
      int index,
      int turn,
      String role,
      @Nullable Double modelMs,
      @Nullable Double environmentMs,
      @Nullable JsonNode model,
      boolean hasTokens,
      Instant at) {}

  public record Tokens(@Nullable JsonNode tokens, @Nullable JsonNode logprobs) {}

  /**
   * The next few in order of index; none at the end.
   *
   * @param after index of the last one that was read; -1 at the beginning
   */
  public List<Content> contents(UUID taskId, int after) {
    return piece(CONTENTS, taskId, after, MOST_BYTES)
        .query(
            (row, n) ->
                new Content(
                    row.getInt("index"), Columns.text(row, "role"), Columns.text(row, "content")))
        .list();
  }

  /** Likewise. */
  public List<Facts> facts(UUID taskId, int after) {
    return piece(FACTS, taskId, after, MOST_BYTES).query(TrajectoryParts::facts).list();
  }

  /** Likewise, of those that have any, by their index. */
  public Map<Integer, Tokens> tokens(UUID taskId, int after) {
    Map<Integer, Tokens> tokens = new HashMap<>();
    piece(TOKENS, taskId, after, MOST_TOKEN_BYTES)
        .query(
            row -> {
              tokens.put(
                  row.getInt("index"),
                  new Tokens(
                      Columns.jsonOrNull(row, "tokens"), Columns.jsonOrNull(row, "logprobs")));
            });
    return tokens;
  }

  /**
   * Whether all messages of an ended run are there. Of one without a {@link TaskResult} nobody can
   * know.
   */
  public boolean areWhole(UUID taskId) {
    return jdbc.sql(STANDING)
        .param("taskId", taskId)
        .query((row, n) -> row.getBoolean("whole") && row.getLong("results") > 0)
        .single();
  }

  private JdbcClient.StatementSpec piece(String sql, UUID taskId, int after, int bytes) {
    return jdbc.sql(sql).param("taskId", taskId).param("after", after).param("bytes", bytes);
  }

  private static Facts facts(ResultSet row, int n) throws SQLException {
    return new Facts(
        row.getInt("index"),
        row.getInt("turn"),
        Columns.text(row, "role"),
        row.getObject("model_ms", Double.class),
        row.getObject("environment_ms", Double.class),
        Columns.jsonOrNull(row, "model"),
        row.getBoolean("has_tokens"),
        Columns.instant(row, "at"));
  }
}

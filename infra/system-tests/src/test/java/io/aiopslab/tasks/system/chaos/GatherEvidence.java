package io.aiopslab.tasks.system.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.system.chaos.Evidence.Delivery;
import io.aiopslab.tasks.system.chaos.Evidence.Log;
import io.aiopslab.tasks.system.chaos.Evidence.Move;
import io.aiopslab.tasks.system.chaos.Evidence.TaskRow;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Reads everything that the promises are judged by, past the services. */
final class GatherEvidence {
  private static final Pattern LEFT_OUT =
      Pattern.compile("(\\d+) log lines \\(.+\\) were left out: the worker's spool was full");

  private static final String UNSETTLED =
      """
      SELECT (SELECT count(*) FROM tasks WHERE status IN ('pending', 'running'))
           + (SELECT count(*) FROM callback_deliveries WHERE state = 'pending')
      """;

  private static final String TASKS =
      """
      SELECT t.id::text, t.status, t.session_id::text AS session, t.failure_code,
             t.metadata->>'request' AS request, t.callback_url IS NOT NULL AS calls_back,
             r.log_lines
      FROM tasks t LEFT JOIN task_results r ON r.task_id = t.id AND r.session_id = t.session_id
      """;

  private static final String MOVES =
      """
      SELECT task_id::text, from_status, to_status FROM task_transitions
      ORDER BY at, CASE WHEN from_status IS NULL THEN 0 WHEN from_status = 'pending' THEN 1 ELSE 2 END
      """;

  private static final String LOGS =
      """
      SELECT task_id::text, seq, message, context->>'stream' AS stream
      FROM task_logs ORDER BY task_id, seq
      """;

  private static final String DEAD = "SELECT coalesce(message_id, 'no id') FROM dead_letters";

  private static final String DELIVERIES =
      "SELECT task_id::text, webhook_id, state, attempts FROM callback_deliveries";

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final ChaosSystem system;
  private final Told told;
  private final Set<String> poison;

  GatherEvidence(ChaosSystem system, Told told, Set<String> poison) {
    this.system = system;
    this.told = told;
    this.poison = poison;
  }

  /** Whether it is worth looking: no task is open and no callback is owed. */
  boolean isSettled() {
    return system.sql().sql(UNSETTLED).query(Long.class).single() == 0;
  }

  Evidence now() {
    JdbcClient sql = system.sql();
    RunRecords runs = system.records();
    return new Evidence(
        told.facts(),
        byId(sql.sql(TASKS).query((row, n) -> task(row)).list(), TaskRow::id),
        sql.sql(MOVES)
            .query((row, n) -> new Move(row.getString(1), row.getString(2), row.getString(3)))
            .list(),
        logs(sql),
        runs,
        Survivors.of(
            runs.starts().stream().map(RunRecords.Start::sessionId).collect(Collectors.toSet())),
        queues(),
        Set.copyOf(poison),
        new HashSet<>(sql.sql(DEAD).query(String.class).list()),
        deliveries(sql),
        system.receiver().calls());
  }

  private static TaskRow task(ResultSet row) throws SQLException {
    return new TaskRow(
        row.getString(1),
        row.getString("status"),
        row.getString("session"),
        row.getString("failure_code"),
        row.getString("request"),
        row.getBoolean("calls_back"),
        row.getObject("log_lines", Long.class));
  }

  private static Map<String, Log> logs(JdbcClient sql) {
    Map<String, List<Long>> seqs = new HashMap<>();
    Map<String, MessageDigest> digests = new HashMap<>();
    Map<String, Long> leftOut = new HashMap<>();
    sql.sql(LOGS)
        .query(
            row -> {
              String id = row.getString(1);
              seqs.computeIfAbsent(id, key -> new ArrayList<>()).add(row.getLong("seq"));
              MessageDigest digest = digests.computeIfAbsent(id, key -> sha256());
              Matcher note = LEFT_OUT.matcher(row.getString("message"));
              if (note.matches()) {
                leftOut.put(id, Long.parseLong(note.group(1)));
              } else if (row.getString("stream") == null) {
                digest.update((row.getString("message") + "\n").getBytes(UTF_8));
              }
            });
    Map<String, Log> logs = new HashMap<>();
    digests.forEach(
        (id, digest) ->
            logs.put(
                id,
                new Log(
                    seqs.getOrDefault(id, List.of()),
                    HexFormat.of().formatHex(digest.digest()),
                    leftOut.getOrDefault(id, 0L))));
    return logs;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static Map<String, Delivery> deliveries(JdbcClient sql) {
    Map<String, Delivery> deliveries = new HashMap<>();
    sql.sql(DELIVERIES)
        .query(
            row -> {
              deliveries.put(
                  row.getString(1),
                  new Delivery(row.getString(2), row.getString(3), row.getInt(4)));
            });
    return deliveries;
  }

  private Map<String, Long> queues() {
    String user = system.broker().username() + ":" + system.broker().password();
    HttpRequest request =
        HttpRequest.newBuilder(system.broker().managementUrl().resolve("/api/queues"))
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8)))
            .build();
    try {
      Map<String, Long> messages = new HashMap<>();
      for (JsonNode queue :
          Json.mapper().readTree(HTTP.send(request, BodyHandlers.ofString()).body())) {
        messages.put(queue.path("name").asString(), queue.path("messages").asLong(0));
      }
      return messages;
    } catch (IOException e) {
      throw new IllegalStateException("the broker's management does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static <T> Map<String, T> byId(List<T> rows, Function<T, String> id) {
    return rows.stream().collect(Collectors.toMap(id, Function.identity()));
  }
}

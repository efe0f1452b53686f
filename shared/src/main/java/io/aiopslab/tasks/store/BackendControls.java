package io.aiopslab.tasks.store;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionOperations;

/** Whether tasks of a backend may start. Claims obey it. */
@Repository
public class BackendControls {
  private static final String KNOW =
      "INSERT INTO backends (backend_type) VALUES (:backendType) ON CONFLICT DO NOTHING";

  /**
   * A claim locks the table against this before it looks, and until it is committed: whoever holds
   * it has waited for every claim that could not see a row made since.
   */
  private static final String AFTER_CLAIMS_UNDER_WAY = "LOCK TABLE backends IN EXCLUSIVE MODE";

  private static final String PAUSE =
      """
      UPDATE backends SET paused_at = coalesce(paused_at, now()), changed_at = now(),
                          reason = coalesce(CAST(:reason AS text), reason)
      WHERE backend_type = :backendType
      """;

  private static final String RESUME =
      """
      UPDATE backends SET paused_at = NULL, reason = NULL, changed_at = now()
      WHERE backend_type = :backendType AND paused_at IS NOT NULL
      """;

  private static final String PAUSED =
      """
      SELECT backend_type, paused_at, reason FROM backends
      WHERE backend_type = ANY(:backendTypes) AND paused_at IS NOT NULL
      """;

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  BackendControls(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /**
   * @param reason in the words of who paused it
   */
  public record Pause(Instant since, @Nullable String reason) {}

  /**
   * Lets nothing of a backend start until it is resumed; what runs goes on. A repeat keeps the
   * first time. When this returns, no claim that was under way can win any more.
   *
   * @param reason null leaves the reason as it is
   */
  public void pause(String backendType, @Nullable String reason) {
    if (!pauseKnown(backendType, reason)) {
      transactions.executeWithoutResult(
          tx -> {
            jdbc.sql(AFTER_CLAIMS_UNDER_WAY).update();
            jdbc.sql(KNOW).param("backendType", backendType).update();
            pauseKnown(backendType, reason);
          });
    }
  }

  /** A claim that sees the row locks it. */
  private boolean pauseKnown(String backendType, @Nullable String reason) {
    return jdbc.sql(PAUSE)
            .param("backendType", backendType)
            .param("reason", Columns.storableOrNull(reason))
            .update()
        > 0;
  }

  public void resume(String backendType) {
    jdbc.sql(RESUME).param("backendType", backendType).update();
  }

  /**
   * @return those of {@code backendTypes} that are paused
   */
  public Map<String, Pause> pausedAmong(Collection<String> backendTypes) {
    return jdbc
        .sql(PAUSED)
        .param("backendTypes", backendTypes.toArray(String[]::new))
        .query(
            (row, n) ->
                Map.entry(
                    Columns.text(row, "backend_type"),
                    new Pause(Columns.instant(row, "paused_at"), row.getString("reason"))))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}

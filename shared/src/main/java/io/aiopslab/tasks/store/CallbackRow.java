package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.CallbackAttempt;
import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Rows of {@code callback_deliveries} and {@code callback_attempts} as the vocabulary's types. */
final class CallbackRow {
  static final String DELIVERY =
      "d.task_id, d.webhook_id, d.url, d.host, d.state, d.attempts, d.failures, d.next_attempt_at";
  static final String ATTEMPT = "a.number, a.at, a.duration_ms, a.status, a.error_kind, a.error";

  private CallbackRow() {}

  static CallbackDelivery claimed(ResultSet row, int rowNumber) throws SQLException {
    return delivery(row, null);
  }

  static CallbackDelivery withLastAttempt(ResultSet row, int rowNumber) throws SQLException {
    return delivery(row, row.getObject("number") == null ? null : attempt(row, rowNumber));
  }

  static CallbackAttempt attempt(ResultSet row, int rowNumber) throws SQLException {
    String kind = row.getString("error_kind");
    return new CallbackAttempt(
        row.getInt("number"),
        Columns.instant(row, "at"),
        row.getLong("duration_ms"),
        row.getObject("status", Integer.class),
        kind == null ? null : CallbackError.fromWire(kind),
        row.getString("error"));
  }

  private static CallbackDelivery delivery(ResultSet row, @Nullable CallbackAttempt last)
      throws SQLException {
    return new CallbackDelivery(
        Columns.uuid(row, "task_id"),
        Columns.text(row, "webhook_id"),
        Columns.text(row, "url"),
        Columns.text(row, "host"),
        CallbackState.fromWire(Columns.text(row, "state")),
        row.getInt("attempts"),
        row.getInt("failures"),
        Columns.instantOrNull(row, "next_attempt_at"),
        last);
  }
}

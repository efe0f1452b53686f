package io.aiopslab.tasks.store;

import io.aiopslab.tasks.message.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Columns as the vocabulary's types, both ways. */
final class Columns {
  private static final Pattern ESCAPED_NUL = Pattern.compile("(?<!\\\\)((?:\\\\{2})*)\\\\u0000");
  private static final TypeReference<Map<String, Double>> NUMBERS = new TypeReference<>() {};

  private Columns() {}

  static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(instantOrNull(row, column), column);
  }

  static OffsetDateTime timestamp(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  static @Nullable UUID uuidOrNull(ResultSet row, String column) throws SQLException {
    return row.getObject(column, UUID.class);
  }

  static UUID uuid(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(uuidOrNull(row, column), column);
  }

  static String text(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(row.getString(column), column);
  }

  static ObjectNode object(ResultSet row, String column) throws SQLException {
    return (ObjectNode) Json.mapper().readTree(text(row, column));
  }

  static @Nullable JsonNode jsonOrNull(ResultSet row, String column) throws SQLException {
    String json = row.getString(column);
    return json == null ? null : Json.mapper().readTree(json);
  }

  static @Nullable ObjectNode objectOrNull(ResultSet row, String column) throws SQLException {
    return (ObjectNode) jsonOrNull(row, column);
  }

  static Map<String, Double> numbers(ResultSet row, String column) throws SQLException {
    return Json.mapper().readValue(text(row, column), NUMBERS);
  }

  static @Nullable String json(@Nullable Object value) {
    return value == null ? null : Json.mapper().writeValueAsString(value);
  }

  /** As {@link #json}, with U+0000, which jsonb refuses even as an escape, made U+FFFD. */
  static @Nullable String jsonb(@Nullable Object value) {
    String json = json(value);
    return json == null || !json.contains("\\u0000")
        ? json
        : ESCAPED_NUL.matcher(json).replaceAll("$1\\\\uFFFD");
  }

  /** PostgreSQL takes no U+0000 in text: it becomes U+FFFD. */
  static String storable(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
  }

  static @Nullable String storableOrNull(@Nullable String text) {
    return text == null ? null : storable(text);
  }
}

package io.aiopslab.tasks.store;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.TaskStatus;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A {@link TaskFilter} as SQL: fixed pieces, and every value a parameter. */
final class Conditions {
  /** By how much the clock that made an id may differ from the database's. */
  private static final Duration CLOCK_SKEW = Duration.ofHours(1);

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]{0,39})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?");

  private final List<String> pieces = new ArrayList<>();
  private final Map<String, Object> parameters = new HashMap<>();
  private final boolean metadata;

  private Conditions(boolean metadata) {
    this.metadata = metadata;
  }

  static Conditions of(TaskFilter filter) {
    Conditions conditions = new Conditions(!filter.metadata().isEmpty());
    if (!filter.ids().isEmpty()) {
      conditions.and("t.id = ANY(:ids)", "ids", filter.ids().toArray(UUID[]::new));
    }
    if (!filter.statuses().isEmpty()) {
      String[] statuses = filter.statuses().stream().map(TaskStatus::wire).toArray(String[]::new);
      conditions.and("t.status = ANY(:statuses)", "statuses", statuses);
    }
    conditions.and("t.problem_id = :problemId", "problemId", filter.problemId());
    conditions.and("t.backend_type = :backendType", "backendType", filter.backendType());
    conditions.and("t.worker_id = :workerId", "workerId", filter.workerId());
    conditions.and("t.retry_of = :retryOf", "retryOf", filter.retryOf());
    conditions.and("t.group_id = :groupId", "groupId", filter.groupId());
    conditions.createdAfter(filter.createdAfter());
    conditions.createdBefore(filter.createdBefore());
    filter.metadata().forEach(conditions::metadata);
    return conditions;
  }

  private void and(String piece, String name, @Nullable Object value) {
    if (value != null) {
      pieces.add(piece);
      parameters.put(name, value);
    }
  }

  /** The id narrows it down by the key, because it begins with the time of its making. */
  private void createdAfter(@Nullable Instant time) {
    if (time != null) {
      and("t.created_at >= :createdAfter", "createdAfter", Columns.timestamp(time));
      and("t.id >= :firstId", "firstId", firstIdAt(time.minus(CLOCK_SKEW)));
    }
  }

  private void createdBefore(@Nullable Instant time) {
    if (time != null) {
      and("t.created_at < :createdBefore", "createdBefore", Columns.timestamp(time));
      and("t.id < :endId", "endId", firstIdAt(time.plus(CLOCK_SKEW)));
    }
  }

  private static UUID firstIdAt(Instant time) {
    return new UUID(Math.max(0, time.toEpochMilli()) << 16, 0);
  }

  /** Says what the index on metadata is limited to, so that it can serve. */
  private void metadata(String name, String value) {
    String asText = "metadata" + parameters.size();
    String asLiteral = asText + "Literal";
    pieces.add("t.metadata <> '{}'");
    and(
        "(t.metadata @> CAST(:%s AS jsonb) OR t.metadata @> CAST(:%s AS jsonb))"
            .formatted(asText, asLiteral),
        asText,
        Json.mapper().createObjectNode().put(name, value).toString());
    parameters.put(asLiteral, literal(name, value).toString());
  }

  private static ObjectNode literal(String name, String value) {
    ObjectNode member = Json.mapper().createObjectNode();
    if (NUMBER.matcher(value).matches()) {
      return member.put(name, new BigDecimal(value));
    }
    return value.equals("true") || value.equals("false")
        ? member.put(name, Boolean.parseBoolean(value))
        : member.put(name, value);
  }

  boolean isEmpty() {
    return pieces.isEmpty();
  }

  boolean haveMetadata() {
    return metadata;
  }

  String where() {
    return isEmpty() ? "true" : String.join(" AND ", pieces);
  }

  Map<String, Object> parameters() {
    return parameters;
  }
}

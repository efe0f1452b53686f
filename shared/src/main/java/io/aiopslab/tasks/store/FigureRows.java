package io.aiopslab.tasks.store;

import io.aiopslab.tasks.store.TaskStatistics.Figures;
import io.aiopslab.tasks.store.TaskStatistics.Times;
import io.aiopslab.tasks.task.TaskStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a query for statistics answers: a kind, a name and a number in each row. */
final class FigureRows {
  private final Map<String, Map<String, @Nullable Double>> kinds = new LinkedHashMap<>();

  FigureRows(List<Row> rows) {
    for (Row row : rows) {
      kinds.computeIfAbsent(row.kind(), kind -> new LinkedHashMap<>()).put(row.name(), row.value());
    }
  }

  record Row(String kind, String name, @Nullable Double value) {}

  static Row read(ResultSet row, int rowNumber) throws SQLException {
    return new Row(
        Columns.text(row, "kind"), Columns.text(row, "name"), row.getObject("value", Double.class));
  }

  Figures figures() {
    Map<TaskStatus, Long> byStatus = new LinkedHashMap<>();
    counts("status").forEach((name, n) -> byStatus.put(TaskStatus.fromWire(name), n));
    return new Figures(
        byStatus,
        counts("problem"),
        counts("worker"),
        counts("backend"),
        count("graded"),
        count("solved"),
        count("rewards"),
        figure("reward"),
        times("run"),
        times("wait"));
  }

  private Times times(String name) {
    return new Times(
        count(name + "s"), figure(name + "50"), figure(name + "90"), figure(name + "99"));
  }

  private Map<String, Long> counts(String kind) {
    Map<String, Long> counts = new LinkedHashMap<>();
    kinds
        .getOrDefault(kind, Map.of())
        .forEach((name, n) -> counts.put(name, n == null ? 0 : n.longValue()));
    return counts;
  }

  private long count(String name) {
    Double value = figure(name);
    return value == null ? 0 : value.longValue();
  }

  private @Nullable Double figure(String name) {
    return kinds.getOrDefault("figure", Map.of()).get(name);
  }
}

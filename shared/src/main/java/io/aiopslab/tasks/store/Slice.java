package io.aiopslab.tasks.store;

import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The first rows of what was asked for, bounded in number and size.
 *
 * @param more whether there were more than these
 */
public record Slice<T>(List<T> rows, boolean more) {

  /** The column {@code found} says how many rows there were, one over the limit at most. */
  static <T> Slice<T> read(JdbcClient.StatementSpec sql, int limit, RowMapper<T> mapper) {
    List<T> rows = new ArrayList<>();
    long[] found = {0};
    sql.query(
        row -> {
          found[0] = row.getLong("found");
          if (rows.size() < limit) {
            rows.add(mapper.mapRow(row, rows.size()));
          }
        });
    return new Slice<>(List.copyOf(rows), found[0] > rows.size());
  }
}

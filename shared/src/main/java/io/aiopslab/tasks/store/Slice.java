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

  /**
   * Reads no further than the row with which the large columns reach the size; a first row that is
   * larger comes, alone.
   *
   * @param sql asks for one row more than the limit
   * @param large columns whose text counts
   */
  static <T> Slice<T> upTo(
      JdbcClient.StatementSpec sql, int limit, long bytes, RowMapper<T> mapper, String... large) {
    return sql.query(
        result -> {
          List<T> rows = new ArrayList<>();
          long size = 0;
          boolean more = result.next();
          while (more && rows.size() < limit && size < bytes) {
            rows.add(mapper.mapRow(result, rows.size()));
            for (String column : large) {
              String text = result.getString(column);
              size += text == null ? 0 : text.length();
            }
            more = result.next();
          }
          return new Slice<>(List.copyOf(rows), more);
        });
  }
}

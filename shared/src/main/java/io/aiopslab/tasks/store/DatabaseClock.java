package io.aiopslab.tasks.store;

import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The clock that decides: leases, deadlines and timeouts go by no other. */
@Repository
public class DatabaseClock {
  private final JdbcClient jdbc;

  DatabaseClock(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  public Instant now() {
    return jdbc.sql("SELECT now() AS now").query((row, n) -> Columns.instant(row, "now")).single();
  }
}

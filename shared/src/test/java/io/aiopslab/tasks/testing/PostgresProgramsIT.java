package io.aiopslab.tasks.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fixtures")
class PostgresProgramsIT {
  @Test
  void embeddedProgramsServeToo() throws SQLException {
    try (PostgresCluster cluster =
            PostgresCluster.start(PostgresPrograms.unpacked(), PostgresCluster.DURABLE);
        Connection connection = cluster.address().dataSource().getConnection()) {
      assertThat(connection.getMetaData().getDatabaseMajorVersion()).isGreaterThanOrEqualTo(18);
    }
  }
}

package io.aiopslab.tasks.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.transaction.CannotCreateTransactionException;

class PoisonVerdictTest {
  @ParameterizedTest
  @ValueSource(strings = {"22008", "22021", "23514", "23502", "54001"})
  void theMessageIsToBlame(String state) {
    assertThat(PoisonVerdict.isPoison(failure(state))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"08006", "40P01", "57P01", "53300", "25006", "42P01"})
  void theDatabaseIsToBlame(String state) {
    assertThat(PoisonVerdict.isPoison(failure(state))).isFalse();
  }

  @Test
  void noConnectionIsNoPoison() {
    assertThat(PoisonVerdict.isPoison(new DataAccessResourceFailureException("gone"))).isFalse();
    assertThat(PoisonVerdict.isPoison(new CannotCreateTransactionException("none"))).isFalse();
  }

  @Test
  void aDefectInTheHandlingOfAMessageIs() {
    assertThat(PoisonVerdict.isPoison(new IllegalArgumentException("odd"))).isTrue();
  }

  private static RuntimeException failure(String state) {
    return new UncategorizedSQLException("store", null, new SQLException("why", state));
  }
}

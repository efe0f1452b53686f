package io.aiopslab.tasks.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of {@link ArchitectureTest} find what they are there to find. */
class PlantedViolationsTest {
  static Stream<Arguments> planted() {
    return Stream.of(
        Arguments.of(ArchitectureTest.onlyThreadsMakesThreads, MakesAThread.class),
        Arguments.of(ArchitectureTest.onlyThreadsMakesThreads, MakesAnExecutor.class),
        Arguments.of(ArchitectureTest.onlyThreadsMakesThreads, MakesAPool.class),
        Arguments.of(ArchitectureTest.theClockIsAsked, TellsTheTime.class),
        Arguments.of(ArchitectureTest.onlyTheStoreEdgeUsesJdbc, UsesJdbc.class));
  }

  @ParameterizedTest
  @MethodSource("planted")
  void aViolationIsFound(ArchRule rule, Class<?> violation) {
    assertThat(rule.evaluate(new ClassFileImporter().importClasses(violation)).hasViolation())
        .isTrue();
  }

  static final class MakesAThread {
    Thread make() {
      return new Thread("planted");
    }
  }

  static final class MakesAnExecutor {
    ExecutorService make() {
      return Executors.newCachedThreadPool();
    }
  }

  static final class MakesAPool {
    ExecutorService make() {
      return new ForkJoinPool();
    }
  }

  static final class TellsTheTime {
    Instant tell() {
      return Instant.now();
    }
  }

  static final class UsesJdbc {
    void use(Connection connection) throws SQLException {
      connection.commit();
    }
  }
}

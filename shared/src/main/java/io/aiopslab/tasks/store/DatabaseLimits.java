package io.aiopslab.tasks.store;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.time.Duration;
import java.util.Properties;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Every time limit between a service and PostgreSQL, in one place. They build on each other: the
 * server ends what takes too long; if it does not say so either, the client gives the connection up
 * for lost.
 *
 * <p>{@code aiopslab.database.answer}, 1 s to 10 min, 30 s by default, is how long a statement may
 * go unanswered. task-api sets 1600 ms: with {@link #POOL_WAIT} and its own queue, every caller
 * hears of a database that is gone or frozen within two seconds. The other limits follow from it.
 * What is set in {@code spring.datasource.hikari.data-source-properties} is left as it is.
 */
@Component
class DatabaseLimits implements BeanPostProcessor {
  private static final String ANSWER = "aiopslab.database.answer";
  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofMinutes(10);

  /** For a connection of the pool; callers of the API wait for it. */
  static final Duration POOL_WAIT = Duration.ofMillis(800);

  /** For the sign of life that Hikari asks of a connection; comes on top of the wait. */
  private static final Duration VALIDATION = Duration.ofMillis(300);

  /**
   * For each answer while a connection is made. Hikari's own threads do that, so no caller waits
   * for a slow login.
   */
  static final Duration LOGIN = Duration.ofSeconds(5);

  /** The server's word comes before the client's: it says what was wrong, and the session lives. */
  private static final Duration SERVER_AHEAD = Duration.ofMillis(200);

  /** For a row that somebody else holds: every caller tries again, or takes another one. */
  private static final Duration LONGEST_LOCK_WAIT = Duration.ofSeconds(2);

  /**
   * Nobody thinks inside a transaction: a service that falls silent in one is frozen, with rows.
   */
  private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(10);

  /** Shorter than what firewalls forget idle connections after. */
  private static final Duration KEEPALIVE = Duration.ofSeconds(30);

  /** So that connections move on to another server behind the same name. */
  private static final Duration CONNECTION_LIFE = Duration.ofMinutes(15);

  private final Environment environment;

  DatabaseLimits(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Object postProcessBeforeInitialization(Object bean, String name) {
    if (bean instanceof HikariDataSource pool) {
      apply(pool, answer());
    }
    return bean;
  }

  private Duration answer() {
    Duration answer =
        Binder.get(environment).bind(ANSWER, Duration.class).orElse(Duration.ofSeconds(30));
    if (answer.compareTo(LEAST) < 0 || answer.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(
          ANSWER
              + " must be 1s to 10m, not "
              + answer
              + ": set it to how long a statement may take");
    }
    return answer;
  }

  private static void apply(HikariDataSource pool, Duration answer) {
    pool.setConnectionTimeout(POOL_WAIT.toMillis());
    pool.setValidationTimeout(VALIDATION.toMillis());
    pool.setKeepaliveTime(KEEPALIVE.toMillis());
    pool.setMaxLifetime(CONNECTION_LIFE.toMillis());
    Properties driver = pool.getDataSourceProperties();
    driver.putIfAbsent("connectTimeout", Long.toString(LOGIN.toSeconds()));
    driver.putIfAbsent("socketTimeout", Long.toString(LOGIN.toSeconds()));
    driver.putIfAbsent("cancelSignalTimeout", "2");
    driver.putIfAbsent("tcpKeepAlive", "true");
    driver.putIfAbsent("targetServerType", "primary");
    driver.putIfAbsent("options", serverLimits(answer));
    pool.setDataSource(
        new ImpatientConnections(
            pool.getJdbcUrl(),
            pool.getUsername(),
            pool.getPassword(),
            driver,
            answer,
            () -> giveUpConnections(pool)));
  }

  /** One that is in use at once ends when it is given back. */
  private static void giveUpConnections(HikariDataSource pool) {
    HikariPoolMXBean running = pool.getHikariPoolMXBean();
    if (running != null) {
      running.softEvictConnections();
    }
  }

  /** What each session asks of the server: so the limits die with the session, never outlive it. */
  private static String serverLimits(Duration answer) {
    Duration statement = answer.minus(SERVER_AHEAD);
    Duration lock = min(LONGEST_LOCK_WAIT, statement.minus(SERVER_AHEAD));
    return "-c statement_timeout=%d -c lock_timeout=%d -c idle_in_transaction_session_timeout=%d"
        .formatted(statement.toMillis(), lock.toMillis(), IDLE_IN_TRANSACTION.toMillis());
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}

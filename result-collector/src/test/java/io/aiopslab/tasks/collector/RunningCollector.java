package io.aiopslab.tasks.collector;

import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The collector as it is deployed, on the given servers; stopped in order on close. */
public final class RunningCollector implements AutoCloseable {
  private final ConfigurableApplicationContext context;
  private final JdbcClient sql;

  private RunningCollector(ConfigurableApplicationContext context, JdbcClient sql) {
    this.context = context;
    this.sql = sql;
  }

  public static RunningCollector start(TestDatabase database, TestBroker broker, String... extra) {
    return new RunningCollector(
        ResultCollectorApplication.builder().run(arguments(database, broker, extra)),
        JdbcClient.create(database.dataSource()));
  }

  /** The command line of a collector on the given servers. */
  public static String[] arguments(TestDatabase database, TestBroker broker, String... extra) {
    List<String> servers =
        List.of(
            "--server.port=0",
            "--spring.datasource.url=" + database.jdbcUrl(),
            "--spring.datasource.username=" + database.username(),
            "--spring.datasource.password=" + database.password(),
            "--spring.rabbitmq.host=" + broker.host(),
            "--spring.rabbitmq.port=" + broker.port(),
            "--spring.rabbitmq.username=" + broker.username(),
            "--spring.rabbitmq.password=" + broker.password(),
            "--spring.rabbitmq.virtual-host=" + broker.virtualHost());
    return Stream.concat(servers.stream(), Stream.of(extra)).toArray(String[]::new);
  }

  public <T> T get(Class<T> type) {
    return context.getBean(type);
  }

  public int port() {
    return Integer.parseInt(
        String.valueOf(context.getEnvironment().getProperty("local.server.port")));
  }

  public long count(String query) {
    return sql.sql("SELECT count(*) FROM " + query).query(Long.class).single();
  }

  /** Waits until everything sent so far has been stored or set aside: one queue, one consumer. */
  public void awaitAll(EventSender sender) throws Exception {
    String last = sender.sendLast();
    await()
        .atMost(Duration.ofSeconds(90))
        .ignoreExceptions()
        .until(() -> count("dead_letters WHERE body = convert_to('" + last + "', 'UTF8')") == 1);
  }

  /** Without those that only mark an end. */
  public long deadLetters() {
    return count("dead_letters WHERE routing_key <> '" + EventSender.LAST_KEY + "'");
  }

  public JdbcClient sql() {
    return sql;
  }

  @Override
  public void close() {
    context.close();
  }
}

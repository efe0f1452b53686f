package io.aiopslab.tasks.testing;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A program that finds or starts one RabbitMQ and one PostgreSQL for many test JVMs, prints how to
 * reach them as lines of {@code VARIABLE=value} and then an empty one, and ends them once its
 * standard input ends, or it does.
 */
public final class TestServers {
  private TestServers() {}

  public static void main(String[] args) throws IOException {
    TestBroker broker = TestBroker.shared();
    DatabaseAddress database = DatabaseServer.shared();
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put(TestBroker.URL, broker.amqpUrl());
    variables.put(TestBroker.MANAGEMENT_URL, broker.managementUrl().toString());
    variables.put(DatabaseServer.URL, database.jdbcUrl());
    variables.put(DatabaseServer.USER, database.username());
    variables.put(DatabaseServer.PASSWORD, database.password());
    variables.put(MigratedTemplate.NAME, MigratedTemplate.name());
    variables.forEach((name, value) -> System.out.println(name + "=" + value));
    System.out.println();
    System.out.flush();
    while (System.in.read() >= 0) {
      // Nothing is said; the end is what is waited for.
    }
    System.exit(0); // the servers' directories end them
  }
}

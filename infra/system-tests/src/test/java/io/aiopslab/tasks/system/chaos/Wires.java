package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.testing.PrivateBroker;
import io.aiopslab.tasks.testing.PrivateDatabase;
import io.aiopslab.tasks.testing.TcpProxy;
import java.net.URI;
import java.util.Map;
import java.util.stream.Stream;

/** What connects one service with its servers. */
final class Wires implements AutoCloseable {
  private static final String JDBC = "jdbc:";

  private final URI databaseUrl;
  private final TcpProxy database;
  private final TcpProxy broker;

  Wires(PrivateDatabase database, PrivateBroker broker) {
    this.databaseUrl = URI.create(database.jdbcUrl().substring(JDBC.length()));
    this.database = TcpProxy.to(databaseUrl.getHost(), databaseUrl.getPort());
    this.broker = TcpProxy.to(broker.host(), broker.port());
  }

  /** Leads a service over these wires. */
  Map<String, String> environment() {
    return Map.of(
        "SPRING_DATASOURCE_URL",
        "%spostgresql://127.0.0.1:%d%s".formatted(JDBC, database.port(), databaseUrl.getPath()),
        "SPRING_RABBITMQ_HOST",
        "127.0.0.1",
        "SPRING_RABBITMQ_PORT",
        Integer.toString(broker.port()));
  }

  TcpProxy database() {
    return database;
  }

  TcpProxy broker() {
    return broker;
  }

  Stream<TcpProxy> both() {
    return Stream.of(database, broker);
  }

  @Override
  public void close() {
    both().forEach(TcpProxy::close);
  }
}

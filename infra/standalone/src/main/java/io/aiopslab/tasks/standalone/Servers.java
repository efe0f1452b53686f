package io.aiopslab.tasks.standalone;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Database and broker: embedded ones, unless Spring's own settings name real ones. */
final class Servers implements AutoCloseable {
  private final @Nullable EmbeddedDatabase database;
  private final @Nullable EmbeddedBroker broker;

  private Servers(@Nullable EmbeddedDatabase database, @Nullable EmbeddedBroker broker) {
    this.database = database;
    this.broker = broker;
  }

  static Servers start(StandaloneSettings settings, StartUp startUp) {
    var database =
        CompletableFuture.supplyAsync(
            () ->
                settings.externalDatabase()
                    ? null
                    : startUp.part(
                        "database (embedded PostgreSQL)",
                        () ->
                            EmbeddedDatabase.start(settings.dataDirectory().resolve("postgres"))));
    EmbeddedBroker broker = null;
    try {
      broker =
          settings.externalBroker()
              ? null
              : startUp.part(
                  "broker (embedded, AMQP 0-9-1)",
                  () -> EmbeddedBroker.start(settings.dataDirectory().resolve("broker")));
      return new Servers(database.join(), broker);
    } catch (CompletionException e) {
      new Servers(null, broker).close();
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Where the services find them, as command-line arguments; empty for external servers. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    if (database != null) {
      arguments.add("--spring.datasource.url=" + database.jdbcUrl());
      arguments.add("--spring.datasource.username=" + database.username());
      arguments.add("--spring.datasource.password=" + database.password());
    }
    if (broker != null) {
      arguments.add("--spring.rabbitmq.host=localhost");
      arguments.add("--spring.rabbitmq.port=" + broker.port());
      arguments.add("--spring.rabbitmq.username=" + broker.username());
      arguments.add("--spring.rabbitmq.password=" + broker.password());
    }
    return arguments;
  }

  String describeDatabase() {
    return database == null ? "as spring.datasource.url says" : database.jdbcUrl();
  }

  String describeBroker() {
    return broker == null
        ? "as spring.rabbitmq.* says"
        : "amqp://localhost:" + broker.port() + " (user " + broker.username() + ")";
  }

  @Override
  public void close() {
    if (broker != null) {
      broker.close();
    }
    if (database != null) {
      database.close();
    }
  }
}

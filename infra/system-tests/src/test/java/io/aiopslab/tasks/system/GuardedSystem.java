package io.aiopslab.tasks.system;

import io.aiopslab.tasks.testing.PrivateBroker;
import io.aiopslab.tasks.testing.PrivateDatabase;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The services as processes, set up as {@code infra/postgres} and {@code infra/rabbitmq} say: each
 * with a role of its own at the database and a user of its own at the broker.
 */
final class GuardedSystem implements AutoCloseable {
  /** No password may be found anywhere but at the servers. */
  static final String PASSWORD = "pw-7f3a91c2-canary";

  static final String VIRTUAL_HOST = "aiopslab";

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Path INFRA = Path.of("..").toAbsolutePath().normalize();

  private final Path directory;
  private final PrivateDatabase database;
  private final PrivateBroker broker = TestBroker.startPrivate();
  private final Deque<ServiceProcess> services = new ArrayDeque<>();
  private final ServiceProcess api;

  private GuardedSystem(
      Path directory, PrivateDatabase database, Map<String, String> collectorSettings) {
    this.directory = directory;
    this.database = database;
    try {
      addUsers();
      applyRoles();
      api =
          service(
              "task-api",
              "aiopslab_api",
              Map.of(
                  "SPRING_LIQUIBASE_USER", "aiopslab_migrator",
                  "AIOPSLAB_CALLBACKS_ALLOWED", "127.0.0.1"));
      api.awaitReady();
      applyRoles();
      Map<String, String> collector = new HashMap<>(collectorSettings);
      collector.put("AIOPSLAB_CALLBACKS_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
      collector.put("AIOPSLAB_CALLBACKS_ALLOWED", "127.0.0.1");
      service("result-collector", "aiopslab_collector", collector).awaitReady();
      service("task-worker", "aiopslab_worker", workerSettings()).awaitReady();
    } catch (RuntimeException | AssertionError e) {
      close();
      throw e;
    }
  }

  static GuardedSystem start(Path directory) {
    return start(directory, TestDatabase.startPrivate(), Map.of());
  }

  /**
   * On a database that may hold something already, and which is closed with the system.
   *
   * @param collectorSettings besides those that every collector here has
   */
  static GuardedSystem start(
      Path directory, PrivateDatabase database, Map<String, String> collectorSettings) {
    return new GuardedSystem(directory, database, collectorSettings);
  }

  /** Two simulated clusters, and one that prints what a run is told. */
  private Map<String, String> workerSettings() {
    return Map.ofEntries(
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_0_NAME", "guarded-a"),
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_0_ENVIRONMENT", "simulator"),
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_1_NAME", "guarded-prints"),
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_1_BACKENDTYPE", "prints"),
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_1_ENVIRONMENT", "command"),
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_1_COMMAND", "printenv"),
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_2_NAME", "guarded-long"),
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_2_BACKENDTYPE", "long"),
        Map.entry("AIOPSLAB_WORKER_CLUSTERS_2_ENVIRONMENT", "simulator"),
        Map.entry("AIOPSLAB_WORKER_SPOOLDIRECTORY", directory.resolve("spool").toString()),
        Map.entry("AIOPSLAB_WORKER_SCRATCHDIRECTORY", directory.resolve("scratch").toString()),
        Map.entry("AIOPSLAB_WORKER_POLLINTERVAL", "1s"),
        Map.entry("AIOPSLAB_WORKER_HEARTBEATINTERVAL", "1s"));
  }

  private ServiceProcess service(String module, String name, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("SPRING_DATASOURCE_URL", database.jdbcUrl());
    environment.put("SPRING_DATASOURCE_USERNAME", name);
    environment.put("SPRING_DATASOURCE_PASSWORD", PASSWORD);
    environment.put("SPRING_RABBITMQ_HOST", broker.host());
    environment.put("SPRING_RABBITMQ_PORT", Integer.toString(broker.port()));
    environment.put("SPRING_RABBITMQ_USERNAME", name);
    environment.put("SPRING_RABBITMQ_PASSWORD", PASSWORD);
    environment.put("SPRING_RABBITMQ_VIRTUALHOST", VIRTUAL_HOST);
    ServiceProcess service = ServiceProcess.start(module, directory, environment);
    services.push(service);
    return service;
  }

  /** {@code roles.sql} as an operator runs it; may be repeated. */
  void applyRoles() {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(Files.readString(INFRA.resolve("postgres/roles.sql")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException("roles.sql failed", e);
    }
  }

  /** Dumps the database, whatever goes on there. */
  void dump(Path file) {
    database.run("pg_dump", "--format=custom", "--file=" + file);
  }

  /** The SQL that makes the roles, which belong to the server, elsewhere. */
  String dumpRoles() {
    String all = database.run("pg_dumpall", "--roles-only");
    return all.lines()
        .filter(line -> !line.contains(" ROLE postgres"))
        .collect(Collectors.joining("\n"));
  }

  private void addUsers() {
    for (String user : new String[] {"aiopslab_api", "aiopslab_worker", "aiopslab_collector"}) {
      manage("PUT", "/api/users/" + user, "{\"password\": \"" + PASSWORD + "\", \"tags\": \"\"}");
    }
    try {
      String definitions = Files.readString(INFRA.resolve("rabbitmq/definitions.json"));
      manage("POST", "/api/definitions", definitions);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A call of RabbitMQ's management API as its administrator. */
  String manage(String method, String path, String body) {
    byte[] credentials =
        (broker.username() + ":" + broker.password()).getBytes(StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(broker.managementUrl().resolve(path))
            .version(HttpClient.Version.HTTP_1_1)
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new AssertionError(method + " " + path + ": " + answer.statusCode() + answer.body());
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  String url() {
    return api.url();
  }

  URI uri(String path) {
    return URI.create(api.url() + path);
  }

  Iterable<ServiceProcess> services() {
    return services;
  }

  PrivateBroker broker() {
    return broker;
  }

  /** As the operator. */
  JdbcClient database() {
    return JdbcClient.create(database.dataSource());
  }

  Connection connectAs(String role) throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), role, PASSWORD);
  }

  /** Everything that the services have printed. */
  String logs() {
    try (Stream<Path> files = Files.list(directory)) {
      StringBuilder all = new StringBuilder();
      for (Path file : files.filter(each -> each.toString().endsWith(".log")).toList()) {
        all.append(Files.readString(file));
      }
      return all.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    services.forEach(ServiceProcess::close);
    broker.close();
    database.close();
  }
}

package io.aiopslab.tasks.api;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/**
 * The service as it is deployed, on a free port, and a client that speaks HTTP to it. As an
 * extension of a test class it comes with servers of its own, from before the first test until
 * after the last.
 */
public final class RunningApi implements AutoCloseable, BeforeAllCallback, AfterAllCallback {
  private final String[] settings;
  private @Nullable TestDatabase database;
  private @Nullable TestBroker broker;
  private @Nullable ConfigurableApplicationContext context;
  private @Nullable JdbcTemplate sql;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  private @Nullable Contract contract;

  private RunningApi(String... settings) {
    this.settings = settings;
  }

  /** To be registered as an extension: starts on a database and a virtual host of its own. */
  public static RunningApi onItsOwnServers(String... settings) {
    return new RunningApi(settings);
  }

  /** On servers that the caller closes. */
  public static RunningApi start(TestDatabase database, TestBroker broker, String... settings) {
    RunningApi api = new RunningApi(settings);
    api.run(database, broker);
    return api;
  }

  /** A second one, on the servers of this one. */
  public RunningApi another(String... settings) {
    return start(database(), broker(), settings);
  }

  @Override
  public void beforeAll(ExtensionContext test) {
    TestDatabase ownDatabase = TestDatabase.createMigrated();
    database = ownDatabase;
    TestBroker ownBroker = TestBroker.create();
    broker = ownBroker;
    run(ownDatabase, ownBroker);
  }

  @Override
  public void afterAll(ExtensionContext test) {
    close();
    if (broker != null) {
      broker.close();
    }
    if (database != null) {
      database.close();
    }
  }

  private void run(TestDatabase database, TestBroker broker) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.username(),
                "--spring.datasource.password=" + database.password(),
                "--spring.rabbitmq.host=" + broker.host(),
                "--spring.rabbitmq.port=" + broker.port(),
                "--spring.rabbitmq.username=" + broker.username(),
                "--spring.rabbitmq.password=" + broker.password(),
                "--spring.rabbitmq.virtual-host=" + broker.virtualHost()));
    arguments.addAll(List.of(settings));
    context = TaskApiApplication.builder().run(arguments.toArray(String[]::new));
    sql = new JdbcTemplate(database.dataSource());
  }

  public TestDatabase database() {
    return Objects.requireNonNull(database, "only as an extension does it know its database");
  }

  public TestBroker broker() {
    return Objects.requireNonNull(broker, "only as an extension does it know its broker");
  }

  private ConfigurableApplicationContext context() {
    return Objects.requireNonNull(context, "not started: register it as an extension");
  }

  public <T> T bean(Class<T> type) {
    return context().getBean(type);
  }

  /** The test's own way to the database: what it prepares may take longer than a request. */
  public JdbcTemplate sql() {
    return Objects.requireNonNull(sql, "not started: register it as an extension");
  }

  public URI url(String path) {
    String port = context().getEnvironment().getRequiredProperty("local.server.port");
    return URI.create("http://localhost:" + port + path);
  }

  public Answer get(String path) {
    return send(HttpRequest.newBuilder(url(path)).GET());
  }

  public Answer submit(String body) {
    return post(BodyPublishers.ofString(body), "application/json");
  }

  public Answer post(HttpRequest.BodyPublisher body, String contentType) {
    return send(
        HttpRequest.newBuilder(url("/api/v1/tasks"))
            .header("Content-Type", contentType)
            .POST(body));
  }

  /**
   * @param headers names and values in turn
   */
  public Answer post(String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  public Answer send(HttpRequest.Builder request) {
    try {
      HttpRequest built = request.timeout(Duration.ofSeconds(60)).build();
      HttpResponse<String> response = client.send(built, BodyHandlers.ofString());
      if (built.uri().getPath().startsWith("/api/")) {
        contract()
            .check(
                built.method(),
                built.uri(),
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(null),
                response.body());
      }
      return new Answer(response);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The description as it is served; every answer of {@link #send} is held against it. */
  public synchronized Contract contract() {
    if (contract == null) {
      contract = new Contract(get("/v3/api-docs").json());
    }
    return contract;
  }

  @Override
  public void close() {
    if (context != null) {
      context.close();
    }
  }

  /** An answer, and what tests want to know of it. */
  public record Answer(HttpResponse<String> response) {
    public int status() {
      return response.statusCode();
    }

    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    public JsonNode json() {
      return Json.mapper().readTree(response.body());
    }

    public String id() {
      return json().get("id").stringValue();
    }

    /** The fields that a problem names. */
    public List<String> fields() {
      Stream<JsonNode> details = json().get("details").valueStream();
      return details.map(detail -> detail.get("field").stringValue()).toList();
    }

    @Override
    public String toString() {
      return status() + " " + response.headers().map() + " " + response.body();
    }
  }
}

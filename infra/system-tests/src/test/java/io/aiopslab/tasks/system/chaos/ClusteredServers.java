package io.aiopslab.tasks.system.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.testing.BrokerCluster;
import io.aiopslab.tasks.testing.ReplicatedDatabase;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;

/**
 * Three nodes of RabbitMQ with quorum queues, set up as in production, and a PostgreSQL with a
 * synchronous standby, each on a host of its own.
 */
final class ClusteredServers implements Servers {
  private static final String VIRTUAL_HOST = "aiopslab";
  private static final Path SETUP = Path.of("../rabbitmq/setup.py").toAbsolutePath().normalize();
  private static final Map<String, String> USERS =
      Map.of(
          "task-api", "aiopslab_api",
          "task-worker", "aiopslab_worker",
          "result-collector", "aiopslab_collector");

  /**
   * Sessions of services that stay, or wait for the standby with a transaction that was begun just
   * now. Transactions of before the promotion wait for ever, and nobody for them.
   */
  private static final String USERS_OF_A_REPLACED_PRIMARY =
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE application_name IN ('task-api', 'task-worker', 'result-collector')
        AND CASE wait_event WHEN 'SyncRep' THEN xact_start > clock_timestamp() - interval '5 s'
            ELSE backend_start < clock_timestamp() - interval '3 s' END
      """;

  private final TestNetwork network = TestNetwork.create();
  private final BrokerCluster brokers;
  private final ReplicatedDatabase database;

  ClusteredServers(Path directory) {
    BrokerCluster started = BrokerCluster.start(network);
    try {
      database = ReplicatedDatabase.start(network);
    } catch (RuntimeException | AssertionError e) {
      started.close();
      network.close();
      throw e;
    }
    brokers = started;
    setUp(directory.resolve("passwords"));
  }

  private void setUp(Path passwords) {
    try {
      Files.createDirectories(passwords);
      for (String user :
          List.of(
              "guest",
              "aiopslab_api",
              "aiopslab_worker",
              "aiopslab_collector",
              "aiopslab_monitor")) {
        Files.writeString(passwords.resolve(user), user);
      }
      String url = broker().managementUrl().toString();
      Process setup =
          new ProcessBuilder(
                  "python3",
                  SETUP.toString(),
                  "--url",
                  url,
                  "--admin",
                  "guest",
                  "--passwords",
                  passwords.toString(),
                  "--queue-type",
                  "quorum")
              .redirectErrorStream(true)
              .start();
      String output = new String(setup.getInputStream().readAllBytes(), UTF_8);
      if (setup.waitFor() != 0) {
        throw new IllegalStateException(SETUP + " failed:\n" + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Map<String, String> settings(String module) {
    String user = USERS.getOrDefault(module, "");
    Map<String, String> settings = new HashMap<>();
    settings.put("SPRING_DATASOURCE_URL", database.jdbcUrl());
    settings.put("SPRING_DATASOURCE_USERNAME", database.username());
    settings.put("SPRING_DATASOURCE_PASSWORD", database.password());
    settings.put(
        "SPRING_RABBITMQ_ADDRESSES",
        brokers.nodes().stream().map(BrokerCluster.Node::place).collect(Collectors.joining(",")));
    settings.put("SPRING_RABBITMQ_VIRTUALHOST", VIRTUAL_HOST);
    settings.put("SPRING_RABBITMQ_USERNAME", user);
    settings.put("SPRING_RABBITMQ_PASSWORD", user);
    return settings;
  }

  List<BrokerCluster.Node> brokers() {
    return brokers.nodes();
  }

  ReplicatedDatabase replicated() {
    return database;
  }

  @Override
  public TestBroker broker() {
    return brokers.first(VIRTUAL_HOST);
  }

  @Override
  public DataSource database() {
    return database.dataSource();
  }

  /** Waits until all nodes know each other again. */
  void awaitBrokersTogether() {
    await("all nodes of the broker run")
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(
            () ->
                StreamSupport.stream(manage("/api/nodes").spliterator(), false)
                        .filter(node -> node.path("running").asBoolean())
                        .count()
                    == brokers.nodes().size());
  }

  /** Waits until no service uses the server that was replaced, and that is there all the same. */
  void awaitReplacedPrimaryUnused() {
    await("services leave the primary that was replaced")
        .atMost(Duration.ofSeconds(60))
        .during(Duration.ofSeconds(6))
        .until(() -> database.standby().ask(USERS_OF_A_REPLACED_PRIMARY) == 0);
  }

  private JsonNode manage(String path) throws IOException, InterruptedException {
    String user = broker().username() + ":" + broker().password();
    URI uri = broker().managementUrl().resolve(path);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(5))
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8)))
            .build();
    return Json.mapper()
        .readTree(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
  }

  @Override
  public void close() {
    database.close();
    brokers.close();
    network.close();
  }
}

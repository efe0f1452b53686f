package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.aiopslab.tasks.broker.Route;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("thorough")
class LargeBacklogIT {
  private static final int SMALL = 600;
  private static final int LARGE = 450;

  /** As large as the messages of a worker whose run floods its log; more than the heap in all. */
  private static final int LARGE_BYTES = 600_000;

  @Test
  void aCollectorOf256MegabytesStoresABacklogThatIsLarger(@TempDir Path directory)
      throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create()) {
      Map<String, String> servers = ServiceEnvironment.servers(database, broker);
      try (ServiceProcess migrating = ServiceProcess.start("task-api", directory, servers)) {
        migrating.awaitReady();
      }
      publishBacklog(broker);
      JdbcClient sql = JdbcClient.create(database.dataSource());
      try (ServiceProcess collector =
          ServiceProcess.start(
              "result-collector", directory, servers, List.of("-XX:+ExitOnOutOfMemoryError"))) {
        collector.awaitReady();
        await()
            .atMost(Duration.ofMinutes(2))
            .failFast("the collector ended", () -> !collector.isAlive())
            .until(() -> stored(sql) == SMALL + LARGE);
      }
      assertThat(sql.sql("SELECT count(*) FROM dead_letters").query(Long.class).single()).isZero();
    }
  }

  private static long stored(JdbcClient sql) {
    return sql.sql("SELECT count(*) FROM stale_reports").query(Long.class).single();
  }

  /** Of a task that nobody knows: each is kept whole, as evidence. */
  private static void publishBacklog(TestBroker broker) throws Exception {
    UUID task = UUID.randomUUID();
    Route route = Topology.taskEvents("logs", task);
    try (Connection connection = broker.connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      route.declare(channel);
      channel.confirmSelect();
      for (int seq = 0; seq < SMALL + LARGE; seq++) {
        String text = "x".repeat(seq < SMALL ? 10 : LARGE_BYTES);
        Logged.Line line = new Logged.Line(Instant.EPOCH, LogLevel.INFO, text, null);
        RunEvent event =
            new RunEvent(
                1, task, task, "kind-1", seq, Instant.EPOCH, new Logged(seq, List.of(line)));
        channel.basicPublish(
            route.exchange().name(), route.routingKey(), MessageProperties.BASIC, event.toBytes());
      }
      channel.waitForConfirmsOrDie(60_000);
    }
  }
}

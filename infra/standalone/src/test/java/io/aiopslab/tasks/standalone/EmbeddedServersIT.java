package io.aiopslab.tasks.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.broker.ConfirmedPublisher;
import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.collector.ResultCollectorApplication;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.message.RunEventBody.Started;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.context.ConfigurableApplicationContext;

/** Store and messaging on the servers that newcomers run: what holds on RabbitMQ holds here. */
class EmbeddedServersIT {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final int TASKS = 20;
  private static final int LINES = 30;

  @TempDir Path data;

  @Test
  void shuffledAndRepeatedEventsAreStoredOnceAndWhole() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    try (EmbeddedDatabase database = EmbeddedDatabase.start(data.resolve("postgres"));
        EmbeddedBroker broker = EmbeddedBroker.start(data.resolve("broker"));
        ConfigurableApplicationContext collector = collector(database, broker)) {
      List<Task> tasks = claimedTasks(collector);
      List<Outgoing> messages = new ArrayList<>();
      tasks.forEach(task -> messages.addAll(eventsOf(task)));
      messages.addAll(List.copyOf(messages));
      Collections.shuffle(messages, new Random(seed));

      publish(collector, messages);

      TaskQueries queries = collector.getBean(TaskQueries.class);
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                for (Task task : tasks) {
                  assertThat(queries.find(task.id()).orElseThrow().status())
                      .isEqualTo(TaskStatus.COMPLETED);
                  assertThat(seqs(collector, task.id()))
                      .isEqualTo(LongStream.range(0, LINES).boxed().toList());
                }
              });
    }
  }

  private static ConfigurableApplicationContext collector(
      EmbeddedDatabase database, EmbeddedBroker broker) {
    return ResultCollectorApplication.builder()
        .run(
            "--server.port=0",
            "--spring.liquibase.enabled=true",
            "--spring.datasource.url=" + database.jdbcUrl(),
            "--spring.datasource.username=" + database.username(),
            "--spring.datasource.password=" + database.password(),
            "--spring.rabbitmq.port=" + broker.port(),
            "--spring.rabbitmq.username=" + broker.username(),
            "--spring.rabbitmq.password=" + broker.password());
  }

  private static List<Task> claimedTasks(ConfigurableApplicationContext context) {
    TaskSubmissions submissions = context.getBean(TaskSubmissions.class);
    TaskClaims claims = context.getBean(TaskClaims.class);
    List<Task> claimed = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      submissions.submit(
          new TaskSpec(
              "problem-1",
              "embedded",
              5,
              30,
              30,
              Json.mapper().createObjectNode(),
              Json.mapper().createObjectNode(),
              null));
      claimed.add(claims.claim("worker", "embedded", UUID.randomUUID()).orElseThrow());
    }
    return claimed;
  }

  private static List<Outgoing> eventsOf(Task task) {
    List<Outgoing> messages = new ArrayList<>();
    messages.add(message(task, 0, new Started()));
    for (int i = 0; i < LINES; i++) {
      Logged.Line line = new Logged.Line(NOW, LogLevel.INFO, "line " + i, null);
      messages.add(message(task, i + 1, new Logged(i, List.of(line))));
    }
    TaskResult result =
        new TaskResult(
            "simulator", true, 1.0, Map.of(), Map.of(), null, null, "submitted", 1, LINES);
    messages.add(message(task, LINES + 1, new Finished(TaskStatus.COMPLETED, null, null, result)));
    return messages;
  }

  private static Outgoing message(Task task, long seq, RunEventBody body) {
    UUID session = java.util.Objects.requireNonNull(task.run()).sessionId();
    RunEvent event = new RunEvent(RunEvent.VERSION, task.id(), session, "worker", seq, NOW, body);
    return new Outgoing(
        Topology.taskEvents(body.kind(), task.id()), event.messageId(), event.toBytes());
  }

  private static void publish(ConfigurableApplicationContext context, List<Outgoing> messages) {
    CachingConnectionFactory connections = context.getBean(CachingConnectionFactory.class);
    try (ConfirmedPublisher publisher =
        new ConfirmedPublisher(connections, Duration.ofSeconds(20))) {
      for (int from = 0; from < messages.size(); from += 200) {
        List<Outgoing> batch = messages.subList(from, Math.min(from + 200, messages.size()));
        Set<String> ids = new HashSet<>();
        batch.forEach(message -> ids.add(message.messageId()));
        assertThat(publisher.publish(batch)).isEqualTo(ids);
      }
    }
  }

  private static List<Long> seqs(ConfigurableApplicationContext context, UUID taskId) {
    return context
        .getBean(TaskLogs.class)
        .read(taskId, new TaskLogs.Page(-1, null, LogLevel.DEBUG, 1000))
        .stream()
        .map(LogLine::seq)
        .toList();
  }
}

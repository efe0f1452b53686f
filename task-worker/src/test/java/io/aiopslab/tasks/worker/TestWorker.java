package io.aiopslab.tasks.worker;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.context.ConfigurableApplicationContext;

/** A worker with one slot in this JVM, on real servers; it migrates the database itself. */
final class TestWorker implements AutoCloseable {
  private final ConfigurableApplicationContext context;

  private TestWorker(ConfigurableApplicationContext context) {
    this.context = context;
  }

  static TestWorker start(
      TestDatabase database, TestBroker broker, Path directory, String runner, String... settings) {
    List<String> arguments = arguments(database, broker, directory, runner);
    arguments.addAll(List.of(settings));
    return new TestWorker(TaskWorkerApplication.builder().run(arguments.toArray(String[]::new)));
  }

  /** Arguments of a worker, for this JVM or another. */
  static List<String> arguments(
      TestDatabase database, TestBroker broker, Path directory, String runner) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.liquibase.enabled=true",
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.username(),
                "--spring.datasource.password=" + database.password(),
                "--spring.rabbitmq.host=" + broker.host(),
                "--spring.rabbitmq.port=" + broker.port(),
                "--spring.rabbitmq.username=" + broker.username(),
                "--spring.rabbitmq.password=" + broker.password(),
                "--spring.rabbitmq.virtual-host=" + broker.virtualHost(),
                "--aiopslab.worker.clusters[0].name=kind-1",
                "--aiopslab.worker.scratch-directory=" + directory.resolve("scratch"),
                "--aiopslab.worker.spool-directory=" + directory.resolve("spool"),
                "--aiopslab.worker.poll-interval=1s"));
    if (!runner.isEmpty()) {
      arguments.add("--aiopslab.worker.clusters[0].runner-command=python3," + script(runner));
    }
    return arguments;
  }

  private static String script(String runner) {
    URL url = TestWorker.class.getResource("/runners/" + runner);
    try {
      return Path.of(Objects.requireNonNull(url, runner).toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  Task submit(String problemId) {
    var none = Json.mapper().createObjectNode();
    return bean(TaskSubmissions.class)
        .submit(new TaskSpec(problemId, "default", 5, 30, 1, none, none, null));
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** A clean stop, as SIGTERM makes it. */
  void stop() {
    context.close();
  }

  @Override
  public void close() {
    stop();
  }
}
